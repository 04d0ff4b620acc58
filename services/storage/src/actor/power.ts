/** Power and import: a cut tears what is in flight and forgets what was not synced; import reads labels and replays the ZIL. */
import type { Context } from '@orrery/actor';
import { uniform } from '@orrery/kernel';
import { hddServiceNs, mediaRate } from '../model/hdd.ts';
import { HANG_NS, importNs } from '../model/import.ts';
import { makeBusy } from '../model/busy.ts';
import { propagate, setLeafState } from './health.ts';
import { startResilvers } from './resilver-plan.ts';
import type { Leaf, PoolState, Zio } from './state.ts';
import { spacesOf } from './sync.ts';
import { available, noteStale } from './vdevs.ts';

/** The node stopped: I/O in flight is torn, the open and the syncing txg are gone; what lies on disk stays. */
export function powerLost(context: Context, state: PoolState): void {
  if (context.machineState() === 'exported') return;
  const torn = tornLogBytes(context, state);
  state.logBytesOpen = Math.max(0, state.logBytesOpen - torn);
  for (const leaf of state.leaves) stop(leaf, context.now);
  state.busy = { ...makeBusy(), totalNs: state.busy.totalNs, countedTo: context.now };
  state.imported = false;
  state.suspended = false;
  state.ready = [];
  state.ended = [];
  state.started = [];
  state.parked = [];
  state.sync = null;
  state.syncQueue = [];
  state.resilver = null;
  state.resilverQueue = [];
  context.dispatch({ type: 'POWER_LOST' });
}

function stop(leaf: Leaf, now: number): void {
  for (const queue of leaf.waiting) queue.length = 0;
  leaf.active.fill(0);
  leaf.weights = [new Map(), new Map()];
  leaf.inDevice = [];
  leaf.hung = [];
  leaf.serving.fill(null);
  leaf.timeline.free.fill(now);
  for (const stretches of leaf.timeline.stretches) stretches.length = 0;
  leaf.linkFree = now;
  leaf.ready = false;
  leaf.probing = 0;
}

/** Log blocks that never reached the disk: those that waited, and by the toss of a coin those under the head. */
function tornLogBytes(context: Context, state: PoolState): number {
  const torn = new Set<Zio>();
  for (const leaf of state.leaves) {
    for (const queue of [...leaf.waiting, leaf.inDevice]) {
      for (const io of queue) if (io.parent?.log === true) torn.add(io.parent);
    }
    for (const io of leaf.serving) {
      if (io?.parent?.log === true && uniform(context.stream('torn')) < 0.5) torn.add(io.parent);
    }
  }
  let bytes = 0;
  for (const zio of torn) bytes += zio.size;
  return bytes;
}

export function importAsked(context: Context, state: PoolState, afterCrash: boolean): void {
  state.importAsker = context.source;
  state.importStarted = context.now;
  state.zoneScheduling = state.zoneSchedulingAtBoot;
  let readNs = 0;
  let hangs = false;
  for (const leaf of state.leaves) {
    if (hangsOpen(leaf)) hangs = true;
    else readNs = Math.max(readNs, randomReadNs(leaf) * leaf.condition.slowFactor);
  }
  const log = state.leaves[state.tops[state.logTops[0] ?? state.dataTops[0]].slots[0].disk];
  const logBytesPerSecond = log.rotating ? mediaRate(log.hdd, 0) : log.flash.linkBytesPerSecond;
  const replayBytes = afterCrash ? replayable(state) : 0;
  const work = { readNs, datasets: state.tree.size, hangs, replayBytes, logBytesPerSecond };
  context.dispatch({ type: 'IMPORT', importNs: importNs(work), afterCrash } as { type: string });
}

function replayable(state: PoolState): number {
  return state.logBytesOpen + state.logBytesSyncing;
}

/** Whether a leaf's answers come after sd has given up, or never. */
function hangsOpen(leaf: Leaf): boolean {
  return leaf.condition.mode === 'hang' || randomReadNs(leaf) * leaf.condition.slowFactor > HANG_NS;
}

/** A read of metadata on an idle leaf: half the arm's reach, half a turn. */
function randomReadNs(leaf: Leaf): number {
  if (!leaf.rotating) return leaf.flash.readLatencyNs;
  const access = {
    head: 0,
    lba: Math.floor(leaf.sizeBytes / 3),
    sizeBytes: 16_384,
    at: 0,
    depth: 1,
    flush: false,
  };
  return hddServiceNs(leaf.hdd, access);
}

/** The import's time is up: leaves that do not answer are UNAVAIL; without a whole set of vdevs there is no pool. */
export function importEnded(context: Context, state: PoolState, afterCrash: boolean): void {
  const asked = context.cause;
  for (const leaf of state.leaves) open(context, state, leaf);
  const opened = context.cause;
  const lost = state.dataTops.some((index) => !available(state, state.tops[index]));
  const tookNs = context.now - state.importStarted;
  const error = lost ? 'insufficient replicas' : '';
  const zilReplayedBytes = afterCrash && !lost ? replayable(state) : 0;
  if (lost) {
    propagate(context, state);
    context.dispatch({ type: 'UNAVAIL' });
    // The node boots without the pool, whatever that misses.
    context.cause = asked;
  } else {
    state.imported = true;
    state.logBytesOpen = 0;
    state.logBytesSyncing = 0;
    const degraded = state.tops.some((top) => top.state !== 'ONLINE');
    const pool = state.name;
    context.cause = asked;
    const imported = context.emit('poolWasImported', {
      pool,
      state: degraded ? 'DEGRADED' : 'ONLINE',
      zilReplayedBytes,
      tookNs,
    });
    // A leaf that is away makes the pool DEGRADED; that the node goes on booting is no doing of it.
    if (opened !== asked) context.cause = opened;
    propagate(context, state);
    context.cause = imported;
    startResilvers(context, state);
  }
  const spaces = lost ? [] : spacesOf(state, [...state.tree.keys()]);
  context.send(state.importAsker, 'poolImported', {
    pool: state.name,
    error,
    zilReplayedBytes,
    tookNs,
    spaces,
  });
}

/** Opens a leaf at import: what fault management has retired stays so, the rest is as the device answers. */
function open(context: Context, state: PoolState, leaf: Leaf): void {
  if ((leaf.state === 'FAULTED' && !leaf.unsynced) || leaf.state === 'OFFLINE') return;
  if (leaf.unlabelled) return setLeafState(context, state, leaf, 'UNAVAIL', 'corrupted data');
  const answers = leaf.condition.mode === 'ok' && !hangsOpen(leaf);
  if (answers) {
    leaf.dead = false;
    noteStale(state, leaf);
    if (leaf.state === 'UNAVAIL' || leaf.state === 'REMOVED' || leaf.state === 'FAULTED')
      setLeafState(context, state, leaf, 'ONLINE', '');
    return;
  }
  const cause = leaf.condition.mode === 'ok' ? leaf.causes.slow : leaf.causes.mode;
  if (cause.n !== 0) context.cause = cause;
  setLeafState(context, state, leaf, 'UNAVAIL', 'cannot open');
}
