/**
 * A fork is the run from a moment on, with chance of its own and without the commands that lie ahead.
 *
 * Rules. 1. A fork's seed is a keyed hash of the run's seed, the moment and the fork's number: it draws nothing from the
 *           run's own streams.
 *        2. Every fork owns its state: it is decoded from the same bytes.
 *        3. Nothing of a fork is kept but what its watch saw.
 */
import { keyedHash } from '@orrery/kernel';
import type { CommandRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { Simulation, type SimulationSnapshot } from '../../simulation.ts';
import { nodeOf } from '../part-name.ts';
import type { Outcome, Watch } from './watch.ts';

export interface Moment {
  scenario: Scenario;
  /** The run's. */
  seed: number;
  /** ns. */
  at: number;
  bytes: Uint8Array;
}

export interface SnapshotCodec {
  encode: (snapshot: SimulationSnapshot) => Uint8Array;
  decode: (bytes: Uint8Array) => SimulationSnapshot;
}

export interface MomentOptions {
  scenario: Scenario;
  seed: number;
  at: number;
  /** The log's commands: those from outside the time line are needed. */
  logged?: Iterable<CommandRecord>;
  /** The latest snapshot at or before `at`; undefined: from the beginning. */
  from: SimulationSnapshot | undefined;
  codec: SnapshotCodec;
}

/** The run's state at `at`, by the shortest way: a snapshot, and what followed it. */
export function momentAt({ scenario, seed, at, from, logged, codec }: MomentOptions): Moment {
  const simulation = new Simulation({ scenario, seed, from, logged, commandsBefore: at });
  simulation.advance(at);
  return { scenario, seed, at, bytes: codec.encode(simulation.snapshot()) };
}

export interface ForkResult {
  outcome: Outcome;
  watch: Watch;
}

/** Runs fork number `number` until its watch has an outcome, at most `horizonNs` ahead. */
export function runFork(
  moment: Moment,
  number: number,
  watch: Watch,
  { decode, horizonNs }: { decode: SnapshotCodec['decode']; horizonNs: number },
): ForkResult {
  const { scenario, at } = moment;
  const seed = keyedHash(moment.seed, 'fork', at, number);
  const simulation = new Simulation({
    scenario,
    seed,
    from: decode(moment.bytes),
    commandsBefore: at,
    commitEveryNs: Infinity,
    onFact: (fact) => watch.observe(fact),
  });
  simulation.host.reseed(seed);
  const { host } = simulation;
  let outcome: Outcome | undefined;
  simulation.advance(at + horizonNs, () => {
    outcome = watch.outcome(host.now);
    return outcome !== undefined;
  });
  return { outcome: outcome ?? watch.outcome(host.now) ?? 'late', watch };
}

/** From this number of nodes on, bystanders of a node's boot are left out of its forks. */
const CROWD_NODES = 9;

/**
 * The moment without the pending events of nodes that have no part in the boot of `node`: what they serve does not delay
 * it. Kept are the node, the fabric, the head node, and clients that ask the node's VMs. A small datacenter is kept whole.
 */
export function withoutBystanders(moment: Moment, node: string, codec: SnapshotCodec): Moment {
  const { datacenter } = moment.scenario;
  if (node === '' || datacenter.nodes.length < CROWD_NODES) return moment;
  const snapshot = codec.decode(moment.bytes);
  const uuids = new Set(datacenter.vms.filter((vm) => vm.node === node).map(({ uuid }) => uuid));
  const clients = new Set(
    datacenter.workloads
      .filter(({ to }) => to.some((uuid) => uuids.has(uuid)))
      .map(({ name }) => `client/${name}`),
  );
  const kept = new Set<number>();
  for (const { id, address } of snapshot.host.cells) {
    const home = nodeOf(address);
    if (home === node || (home === '' && !address.startsWith('client/')) || clients.has(address))
      kept.add(id);
  }
  const queue = snapshot.host.queue.filter(({ target }) => kept.has(target));
  return { ...moment, bytes: codec.encode({ ...snapshot, host: { ...snapshot.host, queue } }) };
}
