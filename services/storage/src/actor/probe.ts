/**
 * Probes: after an error a leaf's label is read and written. A leaf that can do neither is dead to the pool: nothing more is
 * sent to it, and fault management hears of it. A reopen is the same, asked for by `zpool clear`.
 */
import type { Context } from '@orrery/actor';
import { Behind, Place } from '@orrery/proto';
import { IoClass } from '../model/io-class.ts';
import { postEreport } from './ereports.ts';
import { propagate, setLeafState } from './health.ts';
import { submit, usable } from './queue.ts';
import { settleSeat, startResilvers } from './resilver-plan.ts';
import { noteStale } from './vdevs.ts';
import { goOn } from './resume.ts';
import { Outcome, Purpose, type Leaf, type LeafIo, type PoolState } from './state.ts';

/** Bytes of a label's pad area. */
const PAD_BYTES = 8192;
/** Labels lie at the start and the end of a disk; the probe uses the last. */
const LABEL_BYTES = 262_144;

export function startProbe(state: PoolState, leaf: Leaf, at: number): void {
  if (leaf.probing > 0 || !usable(leaf)) return;
  send(state, leaf, Purpose.PROBE, at);
}

/** Opens a leaf again after `zpool clear`. */
export function startReopen(state: PoolState, leaf: Leaf, at: number): void {
  if (leaf.probing > 0) return;
  send(state, leaf, Purpose.REOPEN, at);
}

function send(state: PoolState, leaf: Leaf, purpose: Purpose, at: number): void {
  leaf.probing = 2;
  leaf.probeFailed = false;
  const lba = leaf.sizeBytes - LABEL_BYTES;
  const ask = { leaf: leaf.index, purpose, lba, size: PAD_BYTES, issuedAt: at };
  submit(state, { ...ask, ioClass: IoClass.SYNC_READ, write: false });
  submit(state, { ...ask, ioClass: IoClass.SYNC_WRITE, write: true });
}

export function probeEnded(context: Context, state: PoolState, leaf: Leaf, io: LeafIo): void {
  if (!ended(leaf, io) || !leaf.probeFailed || !usable(leaf)) return;
  context.cause = leaf.causes.mode;
  postEreport(context, state, leaf, 'probe_failure', leaf.causes.mode);
  leaf.dead = true;
  failQueued(state, leaf, context.now);
  propagate(context, state);
}

/** @returns whether both halves of the probe are back */
function ended(leaf: Leaf, io: LeafIo): boolean {
  if (io.outcome !== Outcome.OK) leaf.probeFailed = true;
  leaf.probing--;
  return leaf.probing === 0;
}

export function reopenEnded(context: Context, state: PoolState, leaf: Leaf, io: LeafIo): void {
  if (!ended(leaf, io)) return;
  leaf.dead = false;
  if (leaf.unlabelled) {
    leaf.dead = true;
    setLeafState(context, state, leaf, 'UNAVAIL', 'corrupted data');
  } else if (leaf.probeFailed) {
    postEreport(context, state, leaf, 'vdev.open_failed', leaf.causes.mode);
    leaf.dead = true;
    setLeafState(context, state, leaf, 'UNAVAIL', 'cannot open');
    failQueued(state, leaf, context.now);
  } else {
    noteStale(state, leaf);
    setLeafState(context, state, leaf, 'ONLINE', '');
  }
  propagate(context, state);
  settleSeat(context, state, leaf);
  goOn(context, state);
  startResilvers(context, state);
}

/** Ends with ENXIO what waits for a leaf; what the device has in hand ends by itself. */
export function failQueued(state: PoolState, leaf: Leaf, now: number): void {
  for (const queue of leaf.waiting) {
    for (const io of queue) gone(state, io, now);
    queue.length = 0;
  }
  for (const io of leaf.inDevice) {
    leaf.active[io.ioClass]--;
    gone(state, io, now);
  }
  leaf.inDevice.length = 0;
}

/** A device that left the bus: also what it had in hand ends, without an answer. */
export function failAll(state: PoolState, leaf: Leaf, now: number): void {
  failQueued(state, leaf, now);
  for (let channel = 0; channel < leaf.serving.length; channel++) {
    const io = leaf.serving[channel];
    if (io === null) continue;
    leaf.serving[channel] = null;
    leaf.active[io.ioClass]--;
    // Its answer is on the way: a transfer that had begun is taken as done.
    if (io.purpose === Purpose.USER && io.outcome === Outcome.OK) io.finish = now;
    else gone(state, io, now);
    if (io.outcome !== Outcome.ENXIO) state.ended.push(io);
  }
  for (const io of leaf.hung) {
    leaf.active[io.ioClass]--;
    gone(state, io, now);
  }
  leaf.hung.length = 0;
}

function gone(state: PoolState, io: LeafIo, now: number): void {
  io.outcome = Outcome.ENXIO;
  io.finish = now;
  io.start = Math.min(io.start, now);
  if (io.purpose === Purpose.USER) chargeLost(io, now);
  state.ended.push(io);
}

/** The time that an I/O lost on a leaf that went away is time spent on a retry. */
function chargeLost(io: LeafIo, now: number): void {
  io.ledger =
    now > io.issuedAt
      ? [{ place: Place.VDEV_QUEUE, behind: Behind.RETRY, zone: 0, ns: now - io.issuedAt }]
      : [];
}
