/** Who must be resilvered, one after another, and what follows when a leaf has all its data. */
import type { Context } from '@orrery/actor';
import { RESILVER_CHUNK } from '../model/resilver.ts';
import { postResource } from './ereports.ts';
import { propagate, setLeafState, tellDisk } from './health.ts';
import { usable } from './queue.ts';
import { issueChunks, resilverIoEnded } from './resilver.ts';
import type { Leaf, LeafIo, PoolState } from './state.ts';
import { leafUsed } from './used.ts';
import { seatOf, vdevGuid } from './vdevs.ts';

/** Queues every leaf that lacks data, and starts the first. */
export function startResilvers(context: Context, state: PoolState): void {
  for (const leaf of state.leaves) {
    if (!leaf.stale || !usable(leaf) || seatOf(state, leaf.index) === undefined) continue;
    if (state.resilver?.leaf !== leaf.index && !state.resilverQueue.includes(leaf.index)) {
      state.resilverQueue.push(leaf.index);
      leaf.queuedBy = context.cause;
    }
  }
  if (state.suspended || !state.imported) return;
  while (state.resilver === null && state.resilverQueue.length > 0) begin(context, state);
}

function begin(context: Context, state: PoolState): void {
  const leaf = state.leaves[state.resilverQueue.shift() as number];
  const seat = seatOf(state, leaf.index);
  if (seat === undefined || !usable(leaf) || !leaf.stale) return;
  context.cause = leaf.queuedBy;
  const totalBytes = Math.min(leafUsed(state, seat.top), leaf.missedBytes);
  const bytes = Math.ceil(totalBytes / state.ashiftBytes) * state.ashiftBytes;
  const cause = context.emit('resilverStarted', { pool: state.name, vdev: leaf.name, bytes });
  state.resilver = {
    leaf: leaf.index,
    top: seat.top,
    slot: seat.slot,
    totalBytes: bytes,
    chunks: Math.ceil(bytes / RESILVER_CHUNK),
    next: 0,
    done: 0,
    reading: new Map(),
    errors: 0,
    startedAt: context.now,
    firstIo: state.ioCount + 1,
    step: 0,
    cause,
  };
  issueChunks(context, state);
  if (state.resilver.done >= state.resilver.chunks) finishResilver(context, state);
}

/** An I/O of the resilver ended; the last one ends it. */
export function resilverStepped(context: Context, state: PoolState, io: LeafIo): void {
  const progress = resilverIoEnded(context, state, io);
  if (progress === 'finished') finishResilver(context, state);
  else if (progress === 'dropped') dropResilver(context, state, state.leaves[io.leaf]);
}

/** The leaf has all that can be had. */
function finishResilver(context: Context, state: PoolState): void {
  const { resilver } = state;
  if (resilver === null) return;
  const leaf = state.leaves[resilver.leaf];
  const tookNs = context.now - resilver.startedAt;
  const { errors, totalBytes: bytes } = resilver;
  context.cause = resilver.cause;
  context.emit('resilverFinished', { pool: state.name, vdev: leaf.name, bytes, errors, tookNs });
  state.resilver = null;
  state.lastResilver = { bytes, tookNs, errors, endedAt: context.now };
  leaf.stale = false;
  leaf.missedBytes = 0;
  settleSeat(context, state, leaf);
  propagate(context, state);
  startResilvers(context, state);
}

/** A disk that is whole again needs its spare no longer, and is no longer a replacement. */
export function settleSeat(context: Context, state: PoolState, leaf: Leaf): void {
  if (leaf.stale || leaf.state !== 'ONLINE' || leaf.dead) return;
  const seat = seatOf(state, leaf.index);
  if (seat === undefined) return;
  const slot = state.tops[seat.top].slots[seat.slot];
  if (slot.disk !== leaf.index) return;
  if (leaf.replacing) {
    leaf.replacing = false;
    postResource(context, state, leaf, 'statechange');
  }
  if (slot.spare < 0) return;
  const spare = state.leaves[slot.spare];
  slot.spare = -1;
  returnSpare(context, state, spare);
}

/** A spare leaves its vdev: AVAIL again when it is sound. */
export function returnSpare(context: Context, state: PoolState, spare: Leaf): void {
  spare.inUse = false;
  spare.stale = false;
  spare.missedBytes = 0;
  state.resilverQueue = state.resilverQueue.filter((index) => index !== spare.index);
  if (state.resilver?.leaf === spare.index) state.resilver = null;
  context.emit('spareReturned', { pool: state.name, spare: spare.name });
  tellDisk(context, spare);
}

/** Puts the first sound spare beside a leaf. @returns whether there was one */
export function attachSpare(context: Context, state: PoolState, leaf: Leaf): boolean {
  const seat = seatOf(state, leaf.index);
  if (seat === undefined || state.tops[seat.top].log) return false;
  const slot = state.tops[seat.top].slots[seat.slot];
  if (slot.spare === leaf.index) {
    slot.spare = -1;
    leaf.inUse = false;
  }
  if (slot.spare >= 0) return false;
  for (const index of state.spares) {
    const spare = state.leaves[index];
    const fits = spare.sizeBytes >= state.leaves[slot.disk].sizeBytes;
    if (spare.inUse || !usable(spare) || !fits) continue;
    slot.spare = index;
    spare.inUse = true;
    spare.stale = true;
    spare.missedBytes = leafUsed(state, seat.top);
    const original = state.leaves[slot.disk].name;
    context.emit('spareActivated', { pool: state.name, spare: spare.name, original });
    tellDisk(context, spare);
    propagate(context, state);
    startResilvers(context, state);
    return true;
  }
  return false;
}

/** A resilver whose target left goes no further; it starts again when the leaf is back. */
export function dropResilver(context: Context, state: PoolState, leaf: Leaf): void {
  if (state.resilver?.leaf !== leaf.index) return;
  state.resilver = null;
  startResilvers(context, state);
}

/** Sets a leaf that takes the place of an old one to ONLINE, to be filled. */
export function beginReplace(context: Context, state: PoolState, leaf: Leaf): void {
  const seat = seatOf(state, leaf.index);
  leaf.guid = vdevGuid(state.node, leaf.name, context.now);
  leaf.dead = false;
  leaf.unlabelled = false;
  leaf.readErrors = 0;
  leaf.writeErrors = 0;
  leaf.checksumErrors = 0;
  leaf.slowCount = 0;
  leaf.replacing = seat !== undefined;
  leaf.stale = seat !== undefined;
  leaf.missedBytes = seat === undefined ? 0 : leafUsed(state, seat.top);
  setLeafState(context, state, leaf, 'ONLINE', '');
  if (seat === undefined) tellDisk(context, leaf);
}
