/** A VM as far as an entry or a payload gives it, before packages, images, networks and defaults are looked up. */
import { parseIpv4 } from './ipv4.ts';
import { defined, givenLimits, isHvm, type GivenLimits } from './limits.ts';
import type { Brand } from './model.ts';
import type { Fields } from './payload-check.ts';
import type { Behaviour, VmDiskEntry, VmEntry, VmNicEntry } from './vm-schema.ts';

export interface VmDraft {
  readonly alias: string;
  readonly hostname: string;
  /** '' where it is to be derived. */
  readonly uuid: string;
  readonly ownerUuid: string;
  readonly brand: Brand;
  readonly autoboot: boolean;
  readonly limits: GivenLimits;
  readonly packageName: string;
  /** Name or UUID; '' for none. */
  readonly image: string;
  readonly pool: string;
  readonly nics: readonly NicDraft[];
  readonly disks: readonly DiskDraft[];
  readonly delegateDataset: boolean;
  readonly recordSizeBytes: number;
  readonly behaviour: Behaviour;
}

export interface NicDraft {
  /** Name or UUID; '' when the tag and VLAN say which. */
  readonly network: string;
  readonly tag: string;
  readonly vlan: number;
  readonly mac: string;
  readonly ip: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly mtu: number;
  readonly primary: boolean;
  readonly name: string;
}

export interface DiskDraft {
  /** 0 where the image says. */
  readonly sizeBytes: number;
  readonly blockSizeBytes: number;
  readonly refreservationBytes: number | undefined;
  readonly image: string;
  readonly boot: boolean;
  readonly pool: string;
}

const nobody = '00000000-0000-0000-0000-000000000000';
const mebibyte = 1_048_576;
const gibibyte = 1_073_741_824;

const noNic: NicDraft = {
  network: '',
  tag: '',
  vlan: 0,
  mac: '',
  ip: '',
  prefix: 0,
  gateway: '',
  mtu: 0,
  primary: false,
  name: '',
};

export function draftOfEntry(entry: VmEntry, networks: readonly string[]): VmDraft {
  const brand = entry.brand ?? 'joyent';
  const nics: readonly VmNicEntry[] =
    entry.nics ?? (entry.networks ?? networks.slice(0, 1)).map((network) => ({ network }));
  const disks: readonly VmDiskEntry[] =
    entry.disks ?? (isHvm(brand) ? [{ image: entry.image, boot: true }] : []);
  return {
    alias: entry.name ?? '',
    hostname: entry.hostname ?? '',
    uuid: entry.uuid ?? '',
    ownerUuid: entry.owner ?? nobody,
    brand,
    autoboot: entry.autoboot ?? true,
    limits: givenLimits(entry),
    packageName: entry.package ?? '',
    image: isHvm(brand) ? '' : (entry.image ?? ''),
    pool: entry.pool ?? 'zones',
    nics: nics.map((nic) => ({
      ...noNic,
      network: nic.network,
      ip: nic.ip ?? '',
      mac: (nic.mac ?? '').toLowerCase(),
      primary: nic.primary ?? false,
    })),
    disks: disks.map((disk) => ({
      sizeBytes: disk.size ?? 0,
      blockSizeBytes: disk.block_size ?? 8192,
      refreservationBytes: undefined,
      image: disk.image ?? '',
      boot: disk.boot ?? false,
      pool: entry.pool ?? 'zones',
    })),
    delegateDataset: entry.delegate_dataset ?? false,
    recordSizeBytes: entry.record_size ?? 0,
    behaviour: entry,
  };
}

/** From a payload that `checkPayload` has passed. */
export function draftOfPayload(payload: Fields, behaviour: Behaviour): VmDraft {
  const text = (key: string): string => (typeof payload[key] === 'string' ? payload[key] : '');
  const brand = (text('brand') === '' ? 'joyent' : text('brand')) as Brand;
  const pool = text('zpool') === '' ? 'zones' : text('zpool');
  const nics = (payload['nics'] ?? []) as readonly Fields[];
  const disks = (payload['disks'] ?? []) as readonly Fields[];
  const delegated = payload['delegate_dataset'] === true;
  const recordSize =
    (delegated ? payload['zfs_data_recsize'] : undefined) ?? payload['zfs_root_recsize'] ?? 0;
  return {
    alias: text('alias'),
    hostname: text('hostname'),
    uuid: text('uuid'),
    ownerUuid: text('owner_uuid') === '' ? nobody : text('owner_uuid'),
    brand,
    autoboot: payload['autoboot'] !== false,
    limits: payloadLimits(payload, behaviour),
    packageName: text('package_name'),
    image: text('image_uuid') === '' ? text('dataset_uuid') : text('image_uuid'),
    pool,
    nics: nics.map(payloadNic),
    disks: disks.map((disk) => payloadDisk(disk, pool)),
    delegateDataset: delegated,
    recordSizeBytes: behaviour.record_size ?? (recordSize as number),
    behaviour,
  };
}

function payloadLimits(payload: Fields, { cpu_baseline, cpu_burst }: Behaviour): GivenLimits {
  const number = (key: string, unit = 1): number | undefined =>
    typeof payload[key] === 'number' ? payload[key] * unit : undefined;
  return defined({
    cpuCap: number('cpu_cap'),
    cpuShares: number('cpu_shares'),
    zfsIoPriority: number('zfs_io_priority'),
    memoryBytes: number('max_physical_memory', mebibyte),
    ramBytes: number('ram', mebibyte),
    swapBytes: number('max_swap', mebibyte),
    lockedBytes: number('max_locked_memory', mebibyte),
    tmpfsBytes: number('tmpfs', mebibyte),
    quotaBytes: number('quota', gibibyte),
    maxLwps: number('max_lwps'),
    vcpus: number('vcpus'),
    cpuBaseline: cpu_baseline,
    cpuBurstNs: cpu_burst,
  });
}

function payloadNic(nic: Fields): NicDraft {
  const text = (key: string): string => (typeof nic[key] === 'string' ? nic[key] : '');
  const ips = (nic['ips'] ?? []) as readonly string[];
  const [ip = '', prefix = ''] = (ips[0] ?? text('ip')).split('/');
  const gateways = (nic['gateways'] ?? []) as readonly string[];
  return {
    network: text('network_uuid'),
    tag: text('nic_tag'),
    vlan: typeof nic['vlan_id'] === 'number' ? nic['vlan_id'] : 0,
    mac: text('mac').toLowerCase(),
    ip,
    prefix: prefix === '' ? prefixOf(text('netmask')) : Number(prefix),
    gateway: gateways[0] ?? text('gateway'),
    mtu: typeof nic['mtu'] === 'number' ? nic['mtu'] : 0,
    primary: nic['primary'] === true,
    name: text('interface'),
  };
}

/** Bits set in a netmask; 0 for none. */
function prefixOf(netmask: string): number {
  let rest = parseIpv4(netmask) ?? 0;
  let bits = 0;
  for (; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

function payloadDisk(disk: Fields, pool: string): DiskDraft {
  const number = (key: string): number | undefined => (typeof disk[key] === 'number' ? disk[key] : undefined);
  const size = number('size') ?? number('image_size') ?? 0;
  const reserved = number('refreservation');
  return {
    sizeBytes: size * mebibyte,
    blockSizeBytes: number('block_size') ?? 8192,
    refreservationBytes: reserved === undefined ? undefined : reserved * mebibyte,
    image: typeof disk['image_uuid'] === 'string' ? disk['image_uuid'] : '',
    boot: disk['boot'] === true,
    pool: typeof disk['zpool'] === 'string' ? disk['zpool'] : pool,
  };
}
