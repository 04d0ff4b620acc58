/**
 * A watch hears the facts of a fork and knows when its subject is back, or that only a person can bring it back.
 *
 * Rules. 1. A node is back when it is multi-user; its zones when all that boot by themselves have booted.
 *           A node that boots without a pool is not whole.
 *        2. A VM is back when its boot's work is done.
 *        3. A pool is back when it is ONLINE; its data is whole again when its resilver is through, which is what is
 *           waited for when a disk is missing.
 *        4. A link or a switch is back when it says so.
 *        5. What shows no news for its patience waits for a person.
 */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';

export type Outcome = 'back' | 'person' | 'late';

/** A phase that the subject went through in a fork. */
export interface PhaseSeen {
  name: string;
  /** When it ended, ns. */
  at: number;
}

export interface Watch {
  observe(fact: HostFact): void;
  /** What became of it; undefined while it is still waited for. @param now ns */
  outcome(now: number): Outcome | undefined;
  /** When it was back, ns. */
  readonly backAt: number | undefined;
  /** When all its zones were, ns. */
  readonly zonesAt: number | undefined;
  readonly phases: readonly PhaseSeen[];
  /** Whether it is whole: a pool that resilvered is not while a disk is missing, a node not without a pool. */
  readonly whole: boolean;
  /** Disks that fell out while it was watched, by name. */
  readonly broken: readonly string[];
}

const phaseNames: Readonly<Record<string, string>> = {
  panicked: 'panic',
  dumping: 'dump',
  post: 'POST',
  netboot: 'platform load',
  booting: 'boot',
};

export interface NodeWatchOptions {
  node: string;
  /** State at the moment asked about. */
  state: string;
  /** UUIDs of zones that are to boot. */
  zones: ReadonlySet<string>;
  /** Whether a pool of it could not be imported at the last boot: the next may find it, or not, and says nothing anew. */
  withoutPool: boolean;
  /** Of these, how many must have booted: one that is asked about, or all. */
  alone: string;
  startedAt: number;
  patienceNs: number;
}

/** A node, or a VM on it (`alone`). */
export function nodeWatch(options: NodeWatchOptions): Watch {
  const missing = new Set(options.zones);
  const phases: PhaseSeen[] = [];
  let { state } = options;
  let news = options.startedAt;
  let multiUserAt: number | undefined = state === 'running' ? options.startedAt : undefined;
  let zonesAt: number | undefined;
  const changed = (fact: HostFact) => {
    const name = phaseNames[state];
    state = (fact.payload as Facts['nodeStateChanged']).state;
    news = fact.time;
    if (name !== undefined) phases.push({ name, at: fact.time });
    if (state === 'running') multiUserAt = fact.time;
  };
  const booted = (fact: HostFact) => {
    missing.delete((fact.payload as Facts['zoneBooted']).uuid);
    news = fact.time;
    if (missing.size === 0) zonesAt = fact.time;
  };
  const alone = options.alone !== '';
  let { withoutPool } = options;
  const away: string[] = [];
  const broken: string[] = [];
  const ofPool = ({ kind, payload }: HostFact) => {
    if (kind === 'vdevStateChanged') away.push((payload as Facts['vdevStateChanged']).vdev);
    if (kind !== 'poolStateChanged') return;
    withoutPool = (payload as Facts['poolStateChanged']).state === 'UNAVAIL';
    if (withoutPool) broken.push(...away);
  };
  const zonesOnly = alone || options.state === 'running';
  return {
    observe: (fact) => {
      if (fact.kind === 'nodeStateChanged' && fact.address === options.node) changed(fact);
      else if (fact.kind === 'zoneBooted' && fact.address.startsWith(`${options.node}/`)) booted(fact);
      else if (fact.kind === 'zoneStateChanged' && fact.address.endsWith(options.alone) && alone)
        news = fact.time;
      else if (fact.address.startsWith(`${options.node}/pool/`)) ofPool(fact);
    },
    outcome: (now) => {
      if (multiUserAt !== undefined && missing.size === 0) return 'back';
      if (state === 'off' || state === 'hung') return 'person';
      if (now - news <= options.patienceNs) return undefined;
      return multiUserAt === undefined || alone ? 'person' : 'back';
    },
    get backAt() {
      return zonesOnly ? zonesAt : multiUserAt;
    },
    get zonesAt() {
      return zonesAt;
    },
    phases,
    get whole() {
      return !withoutPool;
    },
    broken,
  };
}

export interface PoolWatchOptions {
  pool: string;
  resilvering: boolean;
  startedAt: number;
  patienceNs: number;
}

/** What may still follow a resilver's end in the same breath, ns: the spare's return, the pool's new state. */
const SETTLE_NS = 5_000_000_000;

export function poolWatch({ pool, resilvering, startedAt, patienceNs }: PoolWatchOptions): Watch {
  const phases: PhaseSeen[] = [];
  let running = resilvering;
  let news = startedAt;
  let finishedAt: number | undefined;
  let onlineAt: number | undefined;
  const broken: string[] = [];
  const fell = ({ vdev, state }: Facts['vdevStateChanged']) => {
    if (['FAULTED', 'REMOVED', 'UNAVAIL'].includes(state) && !broken.includes(vdev)) broken.push(vdev);
  };
  const hear = (fact: HostFact) => {
    switch (fact.kind) {
      case 'resilverStarted':
        if (!running && fact.time > (phases.at(-1)?.at ?? startedAt))
          phases.push({ name: 'diagnosis and spare', at: fact.time });
        running = true;
        break;
      case 'resilverFinished':
        running = false;
        finishedAt = fact.time;
        phases.push({ name: 'resilver', at: fact.time });
        break;
      case 'poolStateChanged':
        onlineAt = (fact.payload as Facts['poolStateChanged']).state === 'ONLINE' ? fact.time : undefined;
        break;
      case 'vdevStateChanged':
        fell(fact.payload as Facts['vdevStateChanged']);
        break;
      default:
        return;
    }
    news = fact.time;
  };
  return {
    observe: (fact) => {
      if (fact.address === pool) hear(fact);
    },
    outcome: (now) => {
      if (running) return undefined;
      if (onlineAt !== undefined) return now - news > SETTLE_NS ? 'back' : undefined;
      if (finishedAt !== undefined) return now - news > SETTLE_NS ? 'back' : undefined;
      return now - news > patienceNs ? 'person' : undefined;
    },
    get backAt() {
      return onlineAt === undefined ? finishedAt : (finishedAt ?? onlineAt);
    },
    zonesAt: undefined,
    phases,
    broken,
    get whole() {
      return onlineAt !== undefined;
    },
  };
}

/** A link or a switch. */
export function linkWatch(address: string, startedAt: number, patienceNs: number): Watch {
  let backAt: number | undefined;
  return {
    observe: (fact) => {
      if (fact.address !== address) return;
      if (fact.kind !== 'linkStateChanged' && fact.kind !== 'switchStateChanged') return;
      if ((fact.payload as Facts['linkStateChanged']).up) backAt = fact.time;
    },
    outcome: (now) => (backAt !== undefined ? 'back' : now - startedAt > patienceNs ? 'person' : undefined),
    get backAt() {
      return backAt;
    },
    zonesAt: undefined,
    phases: [],
    whole: true,
    broken: [],
  };
}
