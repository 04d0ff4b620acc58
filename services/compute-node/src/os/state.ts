/** What an os actor keeps: plain data, dropped and made anew whenever the node's kernel starts. */
import type { CallStatus, FailureCount, LedgerEntry, Messages } from '@orrery/proto';
import type { ActorId } from '@orrery/actor';
import type { Courier } from './courier.ts';
import type { Arc, ArcDataset } from './model/arc.ts';
import type { Cpu } from './model/cpu.ts';
import type { Burst } from './model/cpu-burst.ts';
import type { Deadlines } from './model/deadlines.ts';
import type { Histogram } from './model/histogram.ts';
import type { ZoneMemory } from './model/memory.ts';
import type { Cursor } from './model/pattern.ts';
import type { CallPlan, ProgramPlan, StepPlan } from './model/plan.ts';
import type { Throttle } from './model/zone-throttle.ts';
import type { TxgQueue } from './model/txg.ts';
import type { Zil } from './model/zil.ts';

/** What the file says of a VM and zoneUp may leave out. */
export interface ZoneTraits {
  alias: string;
  recordBytes: number;
  workingSetBytes: number;
  dataBytes: number;
  residentBytes: number;
  workers: number;
  backlog: number;
  network: string;
}

/** A workload that a VM of this node runs itself. */
export interface LoadSource {
  uuid: string;
  call: CallPlan;
  /** Mean time between requests of this VM (open) or thought of one client (closed). */
  wait: StepPlan & { op: 'cpu' };
  /** 0: open. */
  clients: number;
  startAt: number;
  stopAt: number;
}

export interface OsConfig {
  node: string;
  pool: string;
  programs: Record<string, ProgramPlan>;
  traits: Record<string, ZoneTraits>;
  loads: LoadSource[];
  /** Whom the zones of this node call or answer, by network. */
  peers: { network: string; peers: string[] }[];
  /** From the file's tunables: what a kernel starts with. */
  switches: ThrottleSwitches;
}

/** Of zfs_zone's I/O throttle. */
export interface ThrottleSwitches {
  delay: boolean;
  priority: boolean;
}

export interface ZoneCount {
  requests: number;
  errors: number;
  refused: number;
  timeouts: number;
  latency: Histogram;
  ledger: LedgerEntry[];
  latencyNs: number;
  latencyNsMax: number;
  failures: FailureCount[];
  hits: number;
  misses: number;
  readBytes: number;
  writtenBytes: number;
}

export interface OsZone {
  id: ActorId;
  uuid: string;
  dataset: string;
  network: string;
  recordBytes: number;
  workingSetBytes: number;
  workers: number;
  backlog: number;
  /** Its processes listen; its IP stack is up, from its boot's network on until it goes. */
  serving: boolean;
  reachable: boolean;
  warm: boolean;
  /** Its slot in the CPU and throttle models. */
  slot: number;
  /** Made at its first read or write. */
  table: ArcDataset | undefined;
  zil: Zil;
  memory: ZoneMemory;
  /** Of its processes while they serve. */
  residentBytes: number;
  reads: Cursor;
  writes: Cursor;
  /** Requests being worked on, and those waiting, oldest first. */
  busy: number;
  waiting: number[];
  count: ZoneCount;
  touched: boolean;
  /** CPU time at the last report, ns. */
  usedNsReported: number;
}

export const Phase = {
  ready: 0,
  queued: 1,
  cpu: 2,
  zio: 3,
  delay: 4,
  dirtyLimit: 5,
  zil: 6,
  txg: 7,
  call: 8,
  block: 9,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Who asked: another node or client, a zone of this node, zoneadm (boot), the zone itself. */
export type Origin =
  | { kind: 'call'; call: Messages['call'] }
  | { kind: 'local'; outcall: number }
  | { kind: 'work'; work: number }
  | { kind: 'load'; load: number };

/** One chain of reads: the chain that ends last is charged. */
interface Chain {
  ledger: LedgerEntry[];
}

export interface PendingReads {
  /** Paging I/O of zone 0, reads before a partial write, reads of the program. */
  reason: 'read' | 'rmw' | 'paging';
  /** Offset and size of each, bytes, in turn. */
  offsets: number[];
  sizes: number[];
  next: number;
  active: number;
  chains: Chain[];
}

export interface Request {
  id: number;
  /** Key of its span, and of the trace's root. */
  key: number;
  root: number;
  parentSpan: number;
  zone: ActorId;
  name: string;
  steps: StepPlan[];
  replyBytes: number;
  origin: Origin;
  step: number;
  phase: Phase;
  /** Valid number of the CPU slice or wait under way. */
  slice: number;
  arrivedAt: number;
  /** Up to here the ledger is complete. */
  since: number;
  ledger: LedgerEntry[];
  /** CPU work to be done before anything else: by account, ns. */
  arcNs: number;
  throttleNs: number;
  workNs: number;
  /** Operations of the present step still to do; −1: not begun. */
  left: number;
  reads: PendingReads | undefined;
  /** The write under way: where (−1: at the end), and whether it has waited for dirty memory. */
  write: { offset: number; admitted: boolean } | undefined;
  memoryBytes: number;
  error: string;
  /** Why, when a callee is to blame; '': the error is its own. */
  blame: string;
}

export interface Outcall {
  id: number;
  request: number;
  plan: CallPlan;
  tries: number;
  sentAt: number;
  /** Of its span. */
  key: number;
  /** Alias of whom it calls over the network; '' on this node. */
  over: string;
}

export interface Zio {
  id: number;
  kind: 'read' | 'load' | 'log';
  /** Whose read it is; of a log block, the first writer. */
  request: number;
  zone: ActorId;
  /** Of a boot block: whose. */
  image: string;
  /** Chain of a request's reads that it belongs to; number of a boot block. */
  chain: number;
  offset: number;
  size: number;
  issuedAt: number;
  key: number;
}

/** Boot blocks of an image, shared by all zones cloned from it. */
export interface ImageBlocks {
  table: ArcDataset;
  /** Blocks on their way from disk, and who else waits for each. */
  underWay: Map<number, number[]>;
}

export interface Work {
  id: number;
  ask: Messages['workRun'];
  threads: number;
  error: string;
}

export interface OsState {
  config: OsConfig;
  status: 'down' | 'up' | 'frozen';
  memoryBytes: number;
  /** Never starts again at 1: what answers an earlier kernel finds nobody. */
  nextId: number;
  cpu: Cpu;
  cpuEnd: number;
  /** Zones whose burst time is limited, and when the timer for the next turn fires, ns; 0: none is set. */
  bursts: Burst[];
  burstAt: number;
  arc: Arc;
  /** By dataset; the zone on it may be down. */
  tables: Map<string, ArcDataset>;
  residentBytes: number;
  txgs: TxgQueue;
  txgAt: number;
  throttle: Throttle;
  switches: ThrottleSwitches;
  courier: Courier;
  pool: ActorId;
  /** Bytes each dataset has left, as last announced. */
  spaces: Map<string, { bytes: number; poolBound: boolean }>;
  zones: Map<ActorId, OsZone>;
  byUuid: Map<string, OsZone>;
  requests: Map<number, Request>;
  outcalls: Map<number, Outcall>;
  deadlines: Deadlines;
  zios: Map<number, Zio>;
  works: Map<number, Work>;
  images: Map<string, ImageBlocks>;
  /** Who waits for dirty data to be released, and for the next txgs to be on disk. */
  dirtyWaiters: number[];
  txgWaiters: number[];
  /** `stale` is a dataset whose blocks are other ones when the command is done; '': none. */
  asks: Map<number, { ask: number; replyTo: ActorId; stale: string }>;
  /** Zones that came up before the kernel did, at the same moment. */
  early: Messages['zoneUp'][];
  earlyServing: ActorId[];
  /** Requests that can go on, in order. */
  ready: number[];
  thinking: Deadlines;
  thinkers: Map<number, number>;
  reporting: boolean;
}

/** What a caller is told. */
export interface Outcome {
  status: CallStatus;
  error: string;
}
