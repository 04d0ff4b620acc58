/** The pool's txgs as the kernel drives them: when one closes, what it carries, who waited for it. */
import type { ActorId, Context } from '@orrery/actor';
import { Behind, Place, ZfsOp, type Messages } from '@orrery/proto';
import { dropTable } from './arc-tables.ts';
import { arcTarget, retargetArc } from './model/arc.ts';
import { closesAt, closeTxg, syncMessage, txgSynced, type Txg } from './model/txg.ts';
import { noteTxg } from './model/zone-throttle.ts';
import { charge, makeReady } from './request.ts';
import type { OsState } from './state.ts';

const TXG_TICK = { name: 'txg', number: 0 };
/** A change of resident memory under this does not move the ARC's target, bytes: less works at noise. */
const RETARGET_BYTES = 67_108_864;

const ops: Readonly<Record<string, ZfsOp>> = {
  create: ZfsOp.ZFS_CREATE,
  clone: ZfsOp.ZFS_CLONE,
  snapshot: ZfsOp.ZFS_SNAPSHOT,
  destroy: ZfsOp.ZFS_DESTROY,
  rollback: ZfsOp.ZFS_ROLLBACK,
  set_quota: ZfsOp.ZFS_SET_QUOTA,
  receive: ZfsOp.ZFS_RECEIVE,
};

/** Sets the timer for the open txg's close, when that is sooner than what is set. */
export function tendTxg(ctx: Context, os: OsState): void {
  const at = closesAt(os.txgs, ctx.now);
  if (at === Infinity || (os.txgAt > 0 && os.txgAt <= at)) return;
  os.txgAt = at;
  ctx.timer('txg', at, 'tick', TXG_TICK);
}

/** Somebody waits for the open txg. */
export function askTxg(ctx: Context, os: OsState): void {
  os.txgs.open.wanted = true;
  tendTxg(ctx, os);
}

export function txgTick(ctx: Context, os: OsState): void {
  os.txgAt = 0;
  const at = closesAt(os.txgs, ctx.now);
  if (at > ctx.now) tendTxg(ctx, os);
  else sync(ctx, os, closeTxg(os.txgs, ctx.now));
}

function sync(ctx: Context, os: OsState, txg: Txg | undefined): void {
  if (txg !== undefined) ctx.send(os.pool, 'txgSync', syncMessage(txg));
}

/** A txg is on disk: its dirty memory is free, its commands are answered. */
export function synced(ctx: Context, os: OsState, message: Messages['txgSynced']): void {
  if (os.txgs.syncing?.number !== message.txg) return;
  sync(ctx, os, txgSynced(os.txgs));
  noteTxg(os.throttle, ctx.now);
  takeSpaces(os, message.spaces);
  for (const result of message.results) {
    const ask = os.asks.get(result.id);
    if (ask === undefined) continue;
    os.asks.delete(result.id);
    if (ask.stale !== '' && result.error === '') dropTable(os, ask.stale);
    ctx.send(ask.replyTo, 'zfsAnswer', { id: ask.ask, error: result.error });
  }
  const dirtyWaiters = os.dirtyWaiters;
  os.dirtyWaiters = [];
  wake(ctx, os, dirtyWaiters);
  const txgWaiters = os.txgWaiters;
  os.txgWaiters = [];
  for (const id of txgWaiters) {
    const request = os.requests.get(id);
    // The write may ride in a later txg than this one; its slice is that txg's number.
    if (request !== undefined && request.slice > message.txg) os.txgWaiters.push(id);
    else wake(ctx, os, [id]);
  }
  if (os.txgWaiters.length > 0) askTxg(ctx, os);
  tendTxg(ctx, os);
}

function wake(ctx: Context, os: OsState, ids: readonly number[]): void {
  for (const id of ids) {
    const request = os.requests.get(id);
    if (request === undefined) continue;
    charge(request, ctx.now, Place.TXG_WAIT, Behind.TXG_SYNC);
    makeReady(os, request);
  }
}

/** What each dataset has left, as the pool says. */
export function takeSpaces(os: OsState, spaces: Messages['txgSynced']['spaces']): void {
  for (const { dataset, availableBytes: bytes, poolBound } of spaces)
    os.spaces.set(dataset, { bytes, poolBound });
}

/** Puts a zfs command into the next txg. */
export function ask(ctx: Context, os: OsState, message: Messages['zfsAsk'], from: ActorId): void {
  const op = ops[message.op];
  const replyTo = message.replyTo === 0 ? from : message.replyTo;
  if (op === undefined) throw new RangeError(`no zfs operation ${message.op}`);
  const id = os.nextId++;
  os.asks.set(id, { ask: message.id, replyTo, stale: staleAfter(op, message.dataset) });
  os.txgs.open.commands.push({
    id,
    op,
    dataset: message.dataset,
    origin: message.origin,
    quotaBytes: message.quotaBytes,
    recordSize: message.recordSize,
    usedBytes: message.usedBytes,
    volume: message.volume,
    replyTo,
  });
  askTxg(ctx, os);
}

/** The dataset that has other blocks after a command, '' when none has: a snapshot is nobody's to read. */
function staleAfter(op: ZfsOp, name: string): string {
  const at = name.indexOf('@');
  if (op === ZfsOp.ZFS_ROLLBACK) return at < 0 ? name : name.slice(0, at);
  return op === ZfsOp.ZFS_DESTROY && at < 0 ? name : '';
}

/** Takes note of a change of resident memory, and gives the ARC what is left. */
export function tendMemory(os: OsState, change: number): void {
  os.residentBytes += change;
  const c = arcTarget(os.memoryBytes, os.residentBytes);
  if (Math.abs(c - os.arc.c) >= RETARGET_BYTES) retargetArc(os.arc, c);
}
