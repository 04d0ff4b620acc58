/** A leaf's queue: takes I/Os in, issues them by class and zone, starts them on the device. */
import type { Context } from '@orrery/actor';
import type { LedgerEntry } from '@orrery/proto';
import { beginBusy } from '../model/busy.ts';
import { asyncWriteMax, IoClass, nextClass } from '../model/io-class.ts';
import { pickChannel } from '../model/timeline.ts';
import { pickZone } from '../model/zone-scheduler.ts';
import { hangOn, ownerOf, serve } from './device.ts';
import { Outcome, Purpose, type Leaf, type LeafIo, type PoolState, type Zio } from './state.ts';

export interface IoAsk {
  leaf: number;
  purpose: Purpose;
  ioClass: number;
  write: boolean;
  lba: number;
  size: number;
  issuedAt: number;
  flush?: boolean;
  zone?: number;
  ref?: number;
  parent?: Zio;
}

const NO_LEDGER: LedgerEntry[] = [];

/** Whether a leaf can be read and written at all. */
export function usable(leaf: Leaf): boolean {
  return !leaf.dead && (leaf.state === 'ONLINE' || leaf.state === 'DEGRADED');
}

/** Puts an I/O in its leaf's queue; on a leaf that is gone it ends at once with ENXIO. */
export function submit(state: PoolState, ask: IoAsk): void {
  const leaf = state.leaves[ask.leaf];
  const io: LeafIo = {
    id: ++state.ioCount,
    leaf: ask.leaf,
    purpose: ask.purpose,
    ioClass: ask.ioClass,
    write: ask.write,
    flush: ask.flush === true,
    lba: ask.lba,
    size: ask.size,
    zone: ask.zone ?? 0,
    issuedAt: ask.issuedAt,
    admitted: ask.issuedAt,
    start: ask.issuedAt,
    finish: ask.issuedAt,
    channel: -1,
    outcome: Outcome.OK,
    ref: ask.ref ?? 0,
    parent: ask.parent ?? null,
    ledger: ask.purpose === Purpose.USER ? [] : NO_LEDGER,
  };
  beginBusy(state.busy, io.issuedAt);
  if (!usable(leaf) && io.purpose !== Purpose.REOPEN) {
    io.outcome = Outcome.ENXIO;
    state.ended.push(io);
    return;
  }
  leaf.waiting[io.ioClass].push(io);
  wake(state, leaf);
}

/** Notes that a leaf may have something to issue or start. */
export function wake(state: PoolState, leaf: Leaf): void {
  if (leaf.ready) return;
  leaf.ready = true;
  state.ready.push(leaf.index);
}

/** Issues and starts what the leaf has room for. */
export function runLeaf(context: Context, state: PoolState, leaf: Leaf): void {
  leaf.ready = false;
  for (;;) {
    admit(context, state, leaf);
    const io = startNext(leaf);
    if (io === undefined) return;
    if (io.purpose === Purpose.USER && io.outcome === Outcome.OK) state.started.push(io);
    if (io.finish > context.now) {
      leaf.serving[io.channel] = io;
      const done = { leaf: leaf.index, channel: io.channel, io: io.id };
      context.send(context.self, 'leafDone', done, io.finish);
    } else {
      letGo(leaf, io);
      state.ended.push(io);
    }
  }
}

/** The device is through with an I/O, or it is taken from it. */
export function letGo(leaf: Leaf, io: LeafIo): void {
  leaf.active[io.ioClass]--;
  leaf.room = ownerOf(io);
}

function admit(context: Context, state: PoolState, leaf: Leaf): void {
  for (;;) {
    const ioClass = nextClass(leaf.waiting, leaf.active, writeMax(state));
    if (ioClass < 0) return;
    const io = take(state, leaf, ioClass);
    leaf.active[ioClass]++;
    io.admitted = Math.max(io.issuedAt, context.now - context.lookaheadNs);
    if (leaf.condition.mode !== 'hang') {
      leaf.inDevice.push(io);
      continue;
    }
    hangOn(leaf, io, io.admitted);
    context.send(context.self, 'leafDone', { leaf: leaf.index, channel: 0, io: io.id }, io.finish);
  }
}

function writeMax(state: PoolState): number {
  const { sync } = state;
  if (sync === null) return 3;
  return asyncWriteMax(sync.bytes / state.dirtyBytesMax, sync.request.commands.length > 0);
}

function take(state: PoolState, leaf: Leaf, ioClass: number): LeafIo {
  const queue = leaf.waiting[ioClass];
  const zoned = ioClass === IoClass.SYNC_READ || ioClass === IoClass.SYNC_WRITE;
  const index =
    zoned && state.zoneScheduling && queue.length > 1
      ? pickZone(queue, leaf.weights[ioClass], state.zones)
      : 0;
  if (index === 0) return queue.shift() as LeafIo;
  return queue.splice(index, 1)[0];
}

function startNext(leaf: Leaf): LeafIo | undefined {
  if (leaf.inDevice.length === 0) return undefined;
  const channel = pickChannel(leaf.timeline, leaf.serving, leaf.inDevice[0].issuedAt);
  if (channel < 0) return undefined;
  const io = leaf.inDevice.shift() as LeafIo;
  let depth = 1 + leaf.inDevice.length;
  if (!leaf.rotating) depth = 1;
  serve(leaf, io, channel, depth, oldestWaiting(leaf, io));
  return io;
}

/** Oldest issue among what waits for the device; what only the pool waits for is never asked for its wait. */
function oldestWaiting(leaf: Leaf, io: LeafIo): number {
  let oldest = io.issuedAt;
  for (let c = 0; c <= IoClass.SYNC_WRITE; c++) {
    if (leaf.waiting[c].length > 0) oldest = Math.min(oldest, leaf.waiting[c][0].issuedAt);
  }
  for (let i = 0; i < leaf.inDevice.length; i++) oldest = Math.min(oldest, leaf.inDevice[i].issuedAt);
  return oldest;
}
