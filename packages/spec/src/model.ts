/**
 * The expanded datacenter: what every service reads. Nothing is implied here: defaults are filled in, names are
 * resolved, globs are lists, and every number says its unit. `…Ns` is nanoseconds, `…Bytes` bytes, `…Bps` bits a second
 * (as a NIC's rate is sold), `…BytesPerSecond` bytes a second; a percentage of one CPU is an integer (250 is 2.5 CPUs),
 * and 0 in a limit means none. Lists are sorted by address or name, by code unit, unless said otherwise.
 */

import type { Program, Workload } from './workload-model.ts';

export interface Datacenter {
  readonly name: string;
  /** Least time a message between localities takes. */
  readonly lookaheadNs: number;
  /** Grid of the boundaries at which head node and fault managers hear and speak. */
  readonly controlWindowNs: number;
  /** `off`: every node is without power until told; `running`: multi-user, autoboot VMs serve at time 0. */
  readonly start: 'off' | 'running';
  /** Whether a datacenter that starts running has its working sets in the ARC. */
  readonly caches: 'warm' | 'cold';
  readonly racks: readonly Rack[];
  readonly nodes: readonly Node[];
  readonly switches: readonly Switch[];
  readonly uplinks: readonly Uplink[];
  readonly networks: readonly Network[];
  readonly packages: readonly Package[];
  readonly images: readonly Image[];
  readonly vms: readonly Vm[];
  readonly workloads: readonly Workload[];
  readonly programs: readonly Program[];
  /** Settings of the services' models that the file changes, by the service's own name (`zfs_zone_delay_enable`). */
  readonly tunables: Readonly<Record<string, number>>;
}

export interface Rack {
  readonly name: string;
  readonly feeds: readonly string[];
  readonly switches: readonly string[];
}

/** A duration that varies: uniform in `ns × (1 − spread)` to `ns × (1 + spread)`. */
export interface SpreadNs {
  readonly ns: number;
  readonly spread: number;
}

export interface NodeTimings {
  readonly post: SpreadNs;
  readonly platformLoad: SpreadNs;
  readonly boot: SpreadNs;
  readonly dump: SpreadNs;
}

export interface Node {
  /** `cn-0001`. */
  readonly address: string;
  readonly uuid: string;
  readonly hostname: string;
  readonly rack: string;
  /** Name of the profile it was made from. */
  readonly profile: string;
  /** Hardware threads. */
  readonly cpus: number;
  readonly cores: number;
  readonly sockets: number;
  readonly memoryBytes: number;
  readonly timings: NodeTimings;
  readonly psus: readonly Psu[];
  readonly dimms: readonly Dimm[];
  readonly nics: readonly Nic[];
  readonly disks: readonly Disk[];
  readonly pools: readonly Pool[];
}

/** Address `cn-0001/psu/0`. */
export interface Psu {
  readonly name: string;
  /** The power feed it hangs on. */
  readonly feed: string;
}

/** Address `cn-0001/dimm/0`. */
export interface Dimm {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Address `cn-0001/nic/ixgbe0`. */
export interface Nic {
  readonly name: string;
  readonly mac: string;
  /** Address of the switch at the other end; '' when no cable is in it. */
  readonly switch: string;
  readonly rateBps: number;
  readonly tags: readonly string[];
}

/** Address `cn-0001/disk/c0t0d0`. Figures of the other kinds are 0: rotation and seeks of an SSD, channels of an HDD. */
export interface Disk {
  readonly name: string;
  readonly kind: 'hdd' | 'ssd' | 'nvme';
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly rpm: number;
  readonly seekNsTrack: number;
  readonly seekNsAverage: number;
  readonly seekNsFull: number;
  /** Media rate at the outer and the inner edge; equal for a disk without platters. */
  readonly transferBytesPerSecondOuter: number;
  readonly transferBytesPerSecondInner: number;
  /** How many operations it works on at once. */
  readonly channels: number;
  readonly readLatencyNs: number;
  readonly writeLatencyNs: number;
  /** Whether a write is safe in its cache when power goes. */
  readonly powerLossProtection: boolean;
}

export type VdevKind = 'disk' | 'mirror' | 'raidz1' | 'raidz2' | 'raidz3';

export interface Vdev {
  readonly kind: VdevKind;
  /** Names of the node's disks, in the file's order. */
  readonly disks: readonly string[];
}

/** Address `cn-0001/pool/zones`. */
export interface Pool {
  readonly name: string;
  /** In the file's order: it is the order of `zpool status`. */
  readonly vdevs: readonly Vdev[];
  readonly logs: readonly Vdev[];
  readonly caches: readonly string[];
  readonly spares: readonly string[];
  /** Base 2 logarithm of the least write: 9 or 12. */
  readonly ashift: number;
  /** Data that is in it at time 0 beside what its VMs hold. */
  readonly usedBytes: number;
}

/** Address `switch/tor-r1a`. */
export interface Switch {
  readonly address: string;
  readonly name: string;
  readonly rack: string;
  readonly feeds: readonly string[];
  readonly latencyNs: number;
}

/** A cable from a switch to another, or to the `border` (everything outside). Address `uplink/tor-r1a`. */
export interface Uplink {
  readonly address: string;
  readonly name: string;
  readonly from: string;
  /** Address of a switch, or `border`. */
  readonly to: string;
  readonly rateBps: number;
  readonly latencyNs: number;
}

export interface Network {
  readonly name: string;
  readonly uuid: string;
  readonly tag: string;
  readonly vlan: number;
  /** CIDR, `10.20.0.0/16`. */
  readonly subnet: string;
  readonly gateway: string;
  readonly mtu: number;
  /** First and last address handed out. */
  readonly provisionStart: string;
  readonly provisionEnd: string;
  readonly resolvers: readonly string[];
}

export interface Package {
  readonly name: string;
  readonly uuid: string;
  readonly version: string;
  readonly limits: Limits;
}

export interface Image {
  readonly name: string;
  readonly uuid: string;
  readonly version: string;
  readonly os: 'smartos' | 'linux' | 'windows' | 'bsd' | 'other';
  readonly type: 'zone-dataset' | 'lx-dataset' | 'zvol';
  /** What is fetched, compressed. */
  readonly fileBytes: number;
  /** What it holds once installed. */
  readonly sizeBytes: number;
  readonly bootWork: BootWork;
}

/** As vmadm, in bytes. */
export interface Limits {
  /** Percent of one CPU; 0: none. */
  readonly cpuCap: number;
  readonly cpuShares: number;
  /** Percent of one CPU over which a zone uses up its burst time, and to which it is then held; 0: none. */
  readonly cpuBaseline: number;
  /** 0: unlimited. */
  readonly cpuBurstNs: number;
  readonly zfsIoPriority: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  readonly lockedBytes: number;
  readonly tmpfsBytes: number;
  /** 0: none. */
  readonly quotaBytes: number;
  readonly maxLwps: number;
  /** HVM only; else 0. */
  readonly vcpus: number;
  /** Memory of the guest; HVM only, else 0. */
  readonly ramBytes: number;
}

/** What a zone or guest does between ready and serving. */
export interface BootWork {
  readonly cpuNs: number;
  readonly readBytes: number;
  readonly readSizeBytes: number;
}

export type Brand = 'joyent' | 'joyent-minimal' | 'lx' | 'kvm' | 'bhyve' | 'builder';

/** Address `cn-0001/zone/<uuid>`. */
export interface Vm {
  readonly uuid: string;
  readonly alias: string;
  readonly hostname: string;
  /** VMs of one entry of the file (`web` of `web-0`, `web-1`, …): tables sum by it. */
  readonly group: string;
  /** Address of its node; '' when placement chooses. */
  readonly node: string;
  readonly brand: Brand;
  readonly autoboot: boolean;
  readonly limits: Limits;
  readonly imageUuid: string;
  readonly ownerUuid: string;
  readonly packageName: string;
  readonly pool: string;
  /** In the file's order: net0 first. */
  readonly nics: readonly VmNic[];
  /** HVM only: disk0 first. */
  readonly disks: readonly VmDisk[];
  readonly delegateDataset: boolean;
  readonly recordSizeBytes: number;
  /** Its own data beside the image, at time 0. */
  readonly dataBytes: number;
  /** The part of its data that requests read. */
  readonly workingSetBytes: number;
  /** Resident memory of its processes when it serves. */
  readonly residentBytes: number;
  /** How many requests it works on at once; others wait in its queue. */
  readonly workers: number;
  /** How many may wait; more are refused. */
  readonly backlog: number;
  readonly bootWork: BootWork;
  readonly shutdownNs: number;
}

export interface VmNic {
  readonly name: string;
  readonly mac: string;
  readonly tag: string;
  readonly network: string;
  /** Without prefix; `dhcp` or `addrconf` as they stand. */
  readonly ip: string;
  readonly prefix: number;
  readonly gateway: string;
  readonly vlan: number;
  readonly mtu: number;
  readonly primary: boolean;
}

export interface VmDisk {
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizeBytes: number;
  readonly refreservationBytes: number;
  /** '' for an empty one. */
  readonly imageUuid: string;
  readonly boot: boolean;
  readonly pool: string;
}
