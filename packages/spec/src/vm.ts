/** A VM with everything looked up: limits from its package, image, networks, what it does when it boots and serves. */
import { uuidOf } from './hash.ts';
import type { PackageOffer } from './images.ts';
import { burstProblem, isHvm, limitsOf } from './limits.ts';
import type { BootWork, Image, Network, Vm, VmDisk, VmNic } from './model.ts';
import { suggest } from './near.ts';
import { freeMac } from './nodes.ts';
import { shown, type Path } from './problem.ts';
import type { DiskDraft, NicDraft, VmDraft } from './vm-draft.ts';

/** What VMs are made from. */
export interface Stock {
  readonly packages: readonly PackageOffer[];
  readonly images: readonly Image[];
  readonly networks: readonly Network[];
  /** Which sections have items too broken to know: names missing there are not complained of. */
  readonly broken: { readonly packages: boolean; readonly images: boolean; readonly networks: boolean };
}

/** Where, in the VM's own entry, the things stand that can be wrong. */
export interface Fields {
  readonly image: Path;
  readonly package: Path;
  readonly nic: (i: number) => Path;
  readonly disk: (i: number) => Path;
  readonly behaviour: (name: string) => Path;
}

export interface Identity {
  readonly uuid: string;
  readonly alias: string;
  readonly group: string;
  /** '' when placement chooses. */
  readonly node: string;
  /** Whose hash gives MACs. */
  readonly seed: string;
}

export interface Making {
  readonly stock: Stock;
  readonly fields: Fields;
  readonly macs: Set<string>;
  readonly refuse: (path: Path, message: string) => void;
  readonly warn: (path: Path, message: string) => void;
}

const second = 1_000_000_000;

export function finishVm(draft: VmDraft, identity: Identity, making: Making): Vm {
  const offer = packageOf(draft, making);
  const disks = draft.disks.map((disk, i) => finishDisk(disk, i, making));
  const bootDisk = disks.find((disk) => disk.boot) ?? disks[0];
  const image = imageOf(draft.image, making, making.fields.image) ?? imageByUuid(bootDisk?.imageUuid, making);
  if (image !== undefined && draft.image !== '' && (image.type === 'zvol') !== isHvm(draft.brand)) {
    const fit = isHvm(draft.brand) ? 'a zvol' : 'a dataset';
    making.refuse(
      making.fields.image,
      `image ${image.name} is a ${image.type}: brand ${draft.brand} needs ${fit}`,
    );
  }
  const { behaviour } = draft;
  const limits = limitsOf(draft.brand, { ...offer?.given, ...draft.limits });
  const workingSetBytes = behaviour.working_set ?? 0;
  const vm: Vm = {
    uuid: identity.uuid,
    alias: identity.alias,
    hostname: draft.hostname === '' ? identity.alias : draft.hostname,
    group: identity.group,
    node: identity.node,
    brand: draft.brand,
    autoboot: draft.autoboot,
    limits,
    imageUuid: image?.uuid ?? '',
    ownerUuid: draft.ownerUuid,
    packageName: draft.packageName,
    pool: draft.pool,
    nics: finishNics(draft, identity, making),
    disks,
    delegateDataset: draft.delegateDataset,
    recordSizeBytes:
      draft.recordSizeBytes === 0 ? (bootDisk?.blockSizeBytes ?? 131_072) : draft.recordSizeBytes,
    dataBytes: behaviour.data ?? workingSetBytes,
    workingSetBytes,
    residentBytes: behaviour.resident ?? Math.floor(limits.memoryBytes / 4),
    workers: behaviour.workers ?? 32,
    backlog: behaviour.backlog ?? 1024,
    bootWork: bootWorkOf(draft, image),
    shutdownNs: behaviour.shutdown ?? (isHvm(draft.brand) ? 15 * second : 3 * second),
  };
  checkSizes(vm, making);
  const idle = burstProblem(limits);
  if (idle !== undefined) making.warn(making.fields.behaviour('cpu_baseline'), idle);
  return vm;
}

function packageOf(draft: VmDraft, making: Making): PackageOffer | undefined {
  if (draft.packageName === '' || making.fields.package.length === 0) return undefined;
  const { packages, broken } = making.stock;
  const found = packages.find((offer) => offer.package.name === draft.packageName);
  if (found === undefined && !broken.packages) {
    const names = packages.map((offer) => offer.package.name);
    const hint = suggest(draft.packageName, names);
    making.refuse(
      making.fields.package,
      `expected the name of a package, found ${shown(draft.packageName)}: ${hint}`,
    );
  }
  return found;
}

function imageOf(name: string, making: Making, path: Path): Image | undefined {
  if (name === '') return undefined;
  const { images, broken } = making.stock;
  const found = images.find((image) => image.name === name || image.uuid === name);
  if (found === undefined && !broken.images) {
    const hint = suggest(
      name,
      images.map((image) => image.name),
    );
    making.refuse(path, `expected the name or UUID of an image, found ${shown(name)}: ${hint}`);
  }
  return found;
}

function imageByUuid(uuid: string | undefined, making: Making): Image | undefined {
  return making.stock.images.find((image) => image.uuid === uuid);
}

function bootWorkOf(draft: VmDraft, image: Image | undefined): BootWork {
  const given = draft.behaviour.boot_work;
  const usual = image?.bootWork ?? { cpuNs: 2_500_000_000, readBytes: 50_331_648, readSizeBytes: 32_768 };
  return {
    cpuNs: given?.cpu ?? usual.cpuNs,
    readBytes: given?.read ?? usual.readBytes,
    readSizeBytes: given?.read_size ?? usual.readSizeBytes,
  };
}

function finishDisk(disk: DiskDraft, i: number, making: Making): VmDisk {
  const image = imageOf(disk.image, making, making.fields.disk(i));
  const sizeBytes = disk.sizeBytes === 0 ? (image?.sizeBytes ?? 0) : disk.sizeBytes;
  if (sizeBytes === 0 && (disk.image === '' || image !== undefined)) {
    making.refuse(making.fields.disk(i), 'expected a size or an image, found neither');
  } else if (image !== undefined && sizeBytes < image.sizeBytes) {
    making.refuse(making.fields.disk(i), `is smaller than its image ${image.name}, ${image.sizeBytes} bytes`);
  }
  return {
    name: `disk${i}`,
    sizeBytes,
    blockSizeBytes: disk.blockSizeBytes,
    refreservationBytes: Math.min(disk.refreservationBytes ?? sizeBytes, sizeBytes),
    imageUuid: image?.uuid ?? '',
    boot: disk.boot,
    pool: disk.pool,
  };
}

function finishNics(draft: VmDraft, identity: Identity, making: Making): VmNic[] {
  const primary = draft.nics.findIndex((nic) => nic.primary);
  return draft.nics.map((nic, i) => {
    const network = networkOf(nic, i, making);
    const given =
      nic.mac === ''
        ? ''
        : nic.mac
            .split(':')
            .map((part) => part.padStart(2, '0'))
            .join(':');
    if (given !== '' && making.macs.has(given))
      making.refuse(making.fields.nic(i), `MAC address ${given} is used twice`);
    if (given !== '') making.macs.add(given);
    return {
      name: nic.name === '' ? `net${i}` : nic.name,
      mac: given === '' ? freeMac(`${identity.seed}/net${i}`, making.macs) : given,
      tag: nic.tag === '' ? (network?.tag ?? '') : nic.tag,
      network: network?.name ?? '',
      ip: nic.ip,
      prefix: nic.prefix === 0 ? Number(network?.subnet.split('/')[1] ?? 24) : nic.prefix,
      gateway: nic.gateway === '' ? (network?.gateway ?? '') : nic.gateway,
      vlan: network?.vlan ?? nic.vlan,
      mtu: nic.mtu === 0 ? (network?.mtu ?? 1500) : nic.mtu,
      primary: i === Math.max(primary, 0),
    };
  });
}

/** By name or UUID; a payload may give tag and VLAN instead, which may be of no network of the file. */
function networkOf(nic: NicDraft, i: number, making: Making): Network | undefined {
  const { networks, broken } = making.stock;
  if (nic.network === '') {
    const found = networks.find((network) => network.tag === nic.tag && network.vlan === nic.vlan);
    if (found !== undefined || broken.networks) return found;
    const message =
      nic.tag === ''
        ? 'expected a network_uuid or a nic_tag, found neither'
        : `no network has tag ${nic.tag} and VLAN ${nic.vlan}`;
    making.refuse(making.fields.nic(i), message);
    return undefined;
  }
  const found = networks.find((network) => network.name === nic.network || network.uuid === nic.network);
  if (found === undefined && !broken.networks) {
    const hint = suggest(
      nic.network,
      networks.map((network) => network.name),
    );
    making.refuse(
      making.fields.nic(i),
      `expected the name or UUID of a network, found ${shown(nic.network)}: ${hint}`,
    );
  }
  return found;
}

function checkSizes(vm: Vm, making: Making): void {
  if (vm.workingSetBytes > vm.dataBytes) {
    const message = `is more than its data: ${vm.workingSetBytes} of ${vm.dataBytes} bytes`;
    making.refuse(making.fields.behaviour('working_set'), message);
  }
  const inDisks = vm.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);
  const room = isHvm(vm.brand) ? inDisks : vm.limits.quotaBytes;
  if (room > 0 && vm.dataBytes > room) {
    const what = isHvm(vm.brand) ? 'disks' : 'quota';
    const field = making.fields.behaviour(vm.dataBytes === vm.workingSetBytes ? 'working_set' : 'data');
    making.refuse(field, `is more than its ${what}: ${vm.dataBytes} of ${room} bytes`);
  }
}

/** UUID of a VM without one of its own. */
export function vmUuid(datacenter: string, name: string): string {
  return uuidOf(`${datacenter}/vm/${name}`);
}
