/** The `vmadm create` payload that says what a VM entry of ours says: timelines create VMs as clients do. */
import { isHvm } from './limits.ts';
import type { Image, Network } from './model.ts';
import type { VmDraft } from './vm-draft.ts';

const mebibyte = 1_048_576;
const gibibyte = 1_073_741_824;

const inMib = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : Math.ceil(bytes / mebibyte);

export function payloadOfDraft(
  draft: VmDraft,
  images: readonly Image[],
  networks: readonly Network[],
): Record<string, unknown> {
  const { limits } = draft;
  const hvm = isHvm(draft.brand);
  const imageUuid = (name: string): string | undefined =>
    images.find((image) => image.name === name || image.uuid === name)?.uuid;
  return withoutBlanks({
    alias: draft.alias,
    hostname: draft.hostname,
    brand: draft.brand,
    autoboot: draft.autoboot,
    owner_uuid: draft.ownerUuid,
    package_name: draft.packageName,
    image_uuid: imageUuid(draft.image),
    zpool: draft.pool,
    cpu_cap: limits.cpuCap,
    cpu_shares: limits.cpuShares,
    zfs_io_priority: limits.zfsIoPriority,
    ram: inMib(limits.ramBytes),
    max_swap: inMib(limits.swapBytes),
    max_locked_memory: inMib(limits.lockedBytes),
    tmpfs: hvm ? undefined : inMib(limits.tmpfsBytes),
    quota: limits.quotaBytes === undefined ? undefined : Math.ceil(limits.quotaBytes / gibibyte),
    max_lwps: limits.maxLwps,
    vcpus: hvm ? limits.vcpus : undefined,
    delegate_dataset: draft.delegateDataset ? true : undefined,
    nics: draft.nics.map((nic, i) => nicOf(nic, i, networks)),
    disks: hvm
      ? draft.disks.map((disk) =>
          withoutBlanks({
            image_uuid: imageUuid(disk.image),
            size: disk.sizeBytes === 0 ? undefined : inMib(disk.sizeBytes),
            block_size: disk.blockSizeBytes,
            boot: disk.boot ? true : undefined,
          }),
        )
      : undefined,
    internal_metadata: behaviourOf(draft),
  });
}

function nicOf(
  nic: VmDraft['nics'][number],
  i: number,
  networks: readonly Network[],
): Record<string, unknown> {
  const network = networks.find((one) => one.name === nic.network || one.uuid === nic.network);
  return withoutBlanks({
    network_uuid: network?.uuid,
    nic_tag: network?.tag,
    vlan_id: network?.vlan,
    ips:
      nic.ip === ''
        ? undefined
        : [nic.ip.includes('.') ? `${nic.ip}/${network?.subnet.split('/')[1] ?? 24}` : nic.ip],
    mac: nic.mac,
    primary: nic.primary || i === 0 ? true : undefined,
  });
}

/** Behaviour and limits that are not vmadm's travel as internal metadata, which payload.ts reads again. */
function behaviourOf({ behaviour, limits }: VmDraft): Record<string, unknown> | undefined {
  const bytes = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : `${value}B`;
  const ns = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : `${value}ns`;
  const work = behaviour.boot_work;
  const hints = withoutBlanks({
    'orrery:workers': behaviour.workers,
    'orrery:backlog': behaviour.backlog,
    'orrery:data': bytes(behaviour.data),
    'orrery:working_set': bytes(behaviour.working_set),
    'orrery:resident': bytes(behaviour.resident),
    'orrery:record_size': bytes(behaviour.record_size),
    'orrery:shutdown': ns(behaviour.shutdown),
    'orrery:cpu_baseline': limits.cpuBaseline,
    'orrery:cpu_burst': ns(limits.cpuBurstNs),
    'orrery:boot_work':
      work === undefined
        ? undefined
        : withoutBlanks({ cpu: ns(work.cpu), read: bytes(work.read), read_size: bytes(work.read_size) }),
  });
  return Object.keys(hints).length === 0 ? undefined : hints;
}

function withoutBlanks(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
}
