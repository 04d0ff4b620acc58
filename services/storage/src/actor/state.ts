/** State of a pool's actor: plain data that survives a snapshot. Types only, and how it is at time 0. */
import type { ActorId } from '@orrery/actor';
import type { FactRef, LedgerEntry, TxgSync, ZioStatus } from '@orrery/proto';
import type { Disk, Pool } from '@orrery/spec';
import type { DiskBusy } from '../model/busy.ts';
import type { DatasetTree } from '../model/dataset.ts';
import type { FlashFigures } from '../model/flash.ts';
import type { HddFigures } from '../model/hdd.ts';
import type { BadMedia } from '../model/media.ts';
import type { Owner, Timeline } from '../model/timeline.ts';
import type { VdevState } from '../model/vdev-state.ts';

/** Why a leaf does an I/O. */
export const Purpose = {
  USER: 0,
  TXG: 1,
  UBERBLOCK: 2,
  RESILVER_READ: 3,
  RESILVER_WRITE: 4,
  HEAL: 5,
  PROBE: 6,
  REOPEN: 7,
} as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** How an I/O ended: done, an error of the device, wrong data, or no device. */
export const Outcome = { OK: 0, EIO: 1, ECKSUM: 2, ENXIO: 3 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** One I/O of one leaf vdev. */
export interface LeafIo {
  id: number;
  leaf: number;
  purpose: Purpose;
  ioClass: number;
  write: boolean;
  flush: boolean;
  lba: number;
  size: number;
  /** Zone it is for; 0: the pool itself or the global zone. */
  zone: number;
  issuedAt: number;
  /** When the device got it. */
  admitted: number;
  start: number;
  finish: number;
  channel: number;
  outcome: Outcome;
  /** Tells apart what its purpose has several of: resilver chunk, attempt. */
  ref: number;
  parent: Zio | null;
  /** From `issuedAt` to `finish`, of a USER I/O. */
  ledger: LedgerEntry[];
}

/** One logical I/O of a zone. */
export interface Zio {
  id: number;
  asker: ActorId;
  log: boolean;
  zone: number;
  dataset: string;
  key: number;
  offset: number;
  size: number;
  issuedAt: number;
  root: number;
  /** Key of the asker's span. */
  span: number;
  cause: FactRef;
  top: number;
  lba: number;
  /** Children whose end is not yet known. */
  unresolved: number;
  good: number;
  /** Since when the present attempt runs; what was before is in `ledger`. */
  at: number;
  ledger: LedgerEntry[];
  /** End and account of the child that finishes last. */
  worst: number;
  last: LedgerEntry[];
  disk: string;
  /** Bits of the top-level vdev's slots that were tried in this round. */
  tried: number;
  rounds: number;
  ditto: boolean;
  error: ZioStatus;
  /** Leaves to mend once good data is there, with the place. */
  heal: { leaf: number; lba: number; size: number }[];
}

/** What a device is like, physically; told by its disk. */
export interface Condition {
  mode: string;
  slowFactor: number;
  delayNs: number;
  latent: BadMedia;
  corrupt: BadMedia;
}

/** The facts that a device's ills go back to. */
export interface Causes {
  mode: FactRef;
  slow: FactRef;
  latent: FactRef;
  corrupt: FactRef;
}

export interface Served {
  reads: number;
  writes: number;
  readBytes: number;
  writtenBytes: number;
  busyNs: number;
  queueNs: number;
  serviceNs: number;
  errors: number;
  serviceNsMax: number;
  endsHash: number;
}

/** Ereports of one class within a second. */
export interface Rate {
  since: number;
  sent: number;
  held: number;
}

export interface Leaf {
  index: number;
  name: string;
  /** Tells a disk from the one that was in its place before. */
  guid: number;
  actor: ActorId;
  sizeBytes: number;
  rotating: boolean;
  hdd: HddFigures;
  flash: FlashFigures;
  condition: Condition;
  causes: Causes;
  role: 'data' | 'log' | 'cache' | 'spare';
  /** Of a spare that is in no vdev: ONLINE is AVAIL. */
  inUse: boolean;
  state: VdevState;
  aux: string;
  /** Its state was set while the pool was suspended: no label on disk knows of it. */
  unsynced: boolean;
  /** A probe found that it can be neither read nor written. */
  dead: boolean;
  /** A new disk that `zpool replace` has not taken in: it has no label of this pool. */
  unlabelled: boolean;
  probing: number;
  probeFailed: boolean;
  /** It lacks data: written to, not read from, until resilvered. */
  stale: boolean;
  /** A new disk takes the old one's place. */
  replacing: boolean;
  missedBytes: number;
  /** What put it into the queue of resilvers. */
  queuedBy: FactRef;
  readErrors: number;
  writeErrors: number;
  checksumErrors: number;
  slowCount: number;
  rates: Record<string, Rate>;
  waiting: LeafIo[][];
  active: number[];
  weights: [Map<number, number>, Map<number, number>];
  /** Issued to the device, not yet started. */
  inDevice: LeafIo[];
  serving: (LeafIo | null)[];
  /** In a device that does not answer. */
  hung: LeafIo[];
  timeline: Timeline;
  room: Owner;
  head: number;
  linkFree: number;
  busyTo: number;
  ready: boolean;
  served: Served;
}

export interface Slot {
  disk: number;
  spare: number;
}

export interface Top {
  name: string;
  kind: string;
  log: boolean;
  slots: Slot[];
  state: VdevState;
  /** Bytes of a leaf over which data lies. */
  reachBytes: number;
  /** Byte of its leaves where the next write goes. */
  writeHead: number;
}

export interface Sync {
  request: TxgSync;
  asker: ActorId;
  cause: FactRef;
  startedAt: number;
  bytes: number;
  /** Bytes that each leaf has still to write, and where the next of them goes. */
  left: number[];
  place: number[];
  outstanding: number;
  uberblock: boolean;
}

export interface Resilver {
  leaf: number;
  top: number;
  slot: number;
  totalBytes: number;
  chunks: number;
  next: number;
  done: number;
  /** By chunk in flight: reads that it still waits for, and the leaves that failed to give their part. */
  reading: Map<number, { left: number; failed: readonly number[] }>;
  errors: number;
  startedAt: number;
  /** Number of its first I/O; one before it belongs to a resilver that was dropped. */
  firstIo: number;
  step: number;
  cause: FactRef;
}

export interface PoolState {
  node: string;
  name: string;
  fm: ActorId;
  os: ActorId;
  imported: boolean;
  suspended: boolean;
  /** State that was last told in a fact. */
  told: string;
  ashiftBytes: number;
  leaves: Leaf[];
  byName: Map<string, number>;
  tops: Top[];
  dataTops: number[];
  logTops: number[];
  spares: number[];
  tree: DatasetTree;
  capacity: number;
  dirtyBytesMax: number;
  ioCount: number;
  logCount: number;
  busy: DiskBusy;
  lastLaggardAt: number;
  /** I/Os of zones whose good end has become known in the handler in hand. */
  started: LeafIo[];
  /** Leaves with something to issue or start. */
  ready: number[];
  /** Ended within the handler in hand. */
  ended: LeafIo[];
  parked: Zio[];
  zones: Map<number, number>;
  priorities: Record<string, number>;
  /** Whether queues take turns by zone: the running kernel's zfs_zone_schedule_enable. */
  zoneScheduling: boolean;
  /** The same of the next kernel to boot. */
  zoneSchedulingAtBoot: boolean;
  sync: Sync | null;
  syncQueue: Sync[];
  /** Log bytes that no synced txg has made superfluous: written since the last quiesce, and before it. */
  logBytesOpen: number;
  logBytesSyncing: number;
  resilver: Resilver | null;
  lastResilver: { bytes: number; tookNs: number; errors: number; endedAt: number } | null;
  resilverQueue: number[];
  lost: Set<string>;
  reportArmed: boolean;
  importAsker: ActorId;
  importStarted: number;
}

export interface InitialDataset {
  name: string;
  volume: boolean;
  /** Dataset whose `@final` it is a clone of; ''. */
  origin: string;
  dataBytes: number;
  quotaBytes: number;
  recordSize: number;
  /** An image: it gets its snapshot `@final`. */
  image: boolean;
}

export interface PoolInit {
  node: string;
  pool: Pool;
  disks: readonly Disk[];
  memoryBytes: number;
  imported: boolean;
  datasets: readonly InitialDataset[];
  /** zfs_io_priority by zone uuid. */
  priorities: Readonly<Record<string, number>>;
  /** zfs_zone_schedule_enable of the datacenter's file. */
  zoneScheduling?: boolean;
}

export const NO_CAUSE: FactRef = { actor: 0, n: 0 };
