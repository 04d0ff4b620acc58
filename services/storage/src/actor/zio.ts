/**
 * Logical I/Os: reads of a dataset's blocks and writes of ZIL blocks, as children on leaves, and the answer to who asked.
 * A good end is answered as soon as it is known, when the last child starts, due when that child finishes.
 */
import type { Context } from '@orrery/actor';
import {
  addToLedger,
  Behind,
  ledgerTotal,
  mergeLedger,
  Place,
  ZioKind,
  ZioStatus,
  type ZioRequest,
} from '@orrery/proto';
import { busyAt } from '../model/busy.ts';
import { datasetKey, placeOf, vdevOf } from '../model/layout.ts';
import { attemptLog } from './zio-log.ts';
import { attemptRead } from './zio-read.ts';
import { dataLost, mend } from './zio-heal.ts';
import { noteZone } from './zones.ts';
import type { LeafIo, PoolState, Zio } from './state.ts';

/** An I/O slower than this is a laggard to zfs_zone, ns. */
const LAGGARD_NS = 50_000_000;

export function zioRequested(context: Context, state: PoolState, request: ZioRequest): void {
  if (!state.imported) return;
  noteZone(state, request.zone, request.dataset);
  const key = state.tree.get(request.dataset)?.key ?? datasetKey(request.dataset);
  const log = request.kind === ZioKind.ZIO_LOG_WRITE;
  const top = log ? -1 : state.dataTops[vdevOf(key, request.offset, state.dataTops.length)];
  const zio: Zio = {
    id: request.id,
    asker: context.source,
    log,
    zone: request.zone,
    dataset: request.dataset,
    key,
    offset: request.offset,
    size: request.size,
    issuedAt: request.issuedAt,
    root: request.root,
    span: request.span,
    cause: context.cause,
    top,
    lba: log ? 0 : placeOf(key, request.offset, state.tops[top].reachBytes),
    unresolved: 0,
    good: 0,
    at: request.issuedAt,
    ledger: [],
    worst: request.issuedAt,
    last: [],
    disk: '',
    tried: 0,
    rounds: 0,
    ditto: false,
    error: ZioStatus.ZIO_OK,
    heal: [],
  };
  if (log) state.logBytesOpen += request.size;
  attempt(context, state, zio);
}

/** Issues the next try; what cannot be tried waits for `zpool clear` or ends in an error. */
export function attempt(context: Context, state: PoolState, zio: Zio): void {
  zio.unresolved = 0;
  zio.good = 0;
  zio.worst = zio.at;
  zio.last = [];
  if (state.suspended) {
    state.parked.push(zio);
    return;
  }
  const issued = zio.log ? attemptLog(state, zio) : attemptRead(state, zio);
  if (issued === 'parked') state.parked.push(zio);
  else if (issued === 'failed') {
    if (!zio.log) dataLost(context, state, zio);
    answer(context, state, zio, zio.error);
  }
}

/** A child's end is known. @param good whether it did what was asked */
export function resolveChild(context: Context, state: PoolState, zio: Zio, io: LeafIo, good: boolean): void {
  zio.unresolved--;
  if (good) zio.good++;
  if (io.finish >= zio.worst) {
    zio.worst = io.finish;
    zio.last = io.ledger;
    zio.disk = state.leaves[io.leaf].name;
  }
  if (zio.unresolved > 0) return;
  mergeLedger(zio.ledger, zio.last);
  zio.at = zio.worst;
  if (zio.good >= needed(state, zio)) {
    if (zio.heal.length > 0) mend(state, zio);
    answer(context, state, zio, ZioStatus.ZIO_OK);
  } else attempt(context, state, zio);
}

/** Good children that make the whole good. */
function needed(state: PoolState, zio: Zio): number {
  if (!state.tops[zio.top].kind.startsWith('raidz')) return 1;
  return zio.rounds;
}

/** Takes up a parked I/O again; the time it stood still is charged to the fault. */
export function unpark(context: Context, state: PoolState, zio: Zio): void {
  addToLedger(zio.ledger, Place.VDEV_QUEUE, context.now - zio.at, Behind.FAULT);
  zio.at = context.now;
  zio.tried = 0;
  attempt(context, state, zio);
}

function answer(context: Context, state: PoolState, zio: Zio, status: ZioStatus): void {
  const due = Math.max(zio.at, context.now + context.lookaheadNs);
  addToLedger(zio.ledger, Place.LOOKAHEAD, due - zio.at);
  const total = ledgerTotal(zio.ledger);
  if (total !== due - zio.issuedAt) {
    throw new Error(`ledger of zio ${zio.id} sums to ${total} ns, its latency is ${due - zio.issuedAt} ns`);
  }
  if (zio.at - zio.issuedAt > LAGGARD_NS) state.lastLaggardAt = Math.max(state.lastLaggardAt, zio.at);
  context.cause = zio.cause;
  const diskBusyNs = busyAt(state.busy, zio.at);
  const { id, ledger, disk } = zio;
  context.send(
    zio.asker,
    'zioDone',
    { id, status, ledger, diskBusyNs, lastLaggardAt: state.lastLaggardAt, disk },
    due,
  );
  if (context.tracing && zio.root !== 0) trace(context, state, zio, due);
}

function trace(context: Context, state: PoolState, zio: Zio, end: number): void {
  context.span({
    name: zio.log ? 'zil write' : 'zio read',
    trace: zio.root,
    key: context.newKey(),
    parent: zio.span,
    start: zio.issuedAt,
    end,
    attributes: { 'smartos.zpool': state.name, 'smartos.disk': zio.disk, 'smartos.zio.bytes': zio.size },
    ledger: zio.ledger,
  });
}
