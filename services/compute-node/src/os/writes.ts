/** Writes: into a record and the open txg, through quota, throttle and dirty-data delay, and the ZIL when asked. */
import type { Context } from '@orrery/actor';
import { Behind, mergeLedger, Place, ZioKind, ZioStatus, type Messages } from '@orrery/proto';
import { tableOf } from './arc-tables.ts';
import { fillArc } from './model/arc.ts';
import { giveMemory, residentBytes, takeMemory } from './model/memory.ts';
import { pickOffset } from './model/pattern.ts';
import type { WritePlan } from './model/plan.ts';
import { countOp, throttleDelay, ThrottleOp } from './model/zone-throttle.ts';
import { dirtiest, dirty, growth, writerWakes } from './model/txg.ts';
import { blockWritten, commitZil, fillBlock } from './model/zil.ts';
import { beginReads, emptyReads, missing, noteZio } from './reads.ts';
import { charge, makeReady, waitUntil } from './request.ts';
import { Phase, type OsState, type OsZone, type Request, type Zio } from './state.ts';
import { askTxg, tendMemory, tendTxg } from './txg-work.ts';

/** CPU time to put a record's worth of data into a txg, ns. */
const WRITE_NS = 10_000;
const PAGE_IN_SPAN = 1_073_741_824;

/** Does (or goes on with) a write step. @returns whether the request can go on to its next step */
export function writeStep(ctx: Context, os: OsState, request: Request, zone: OsZone, io: WritePlan): boolean {
  if (request.left < 0) request.left = io.count;
  while (request.left > 0) {
    if (!prepare(ctx, os, request, zone, io)) return false;
    if (request.error !== '') return true;
    if (!admit(ctx, os, request)) return false;
    enter(ctx, os, request, zone, io);
    request.left--;
    if (io.op === 'sync-write') {
      commit(ctx, os, request, zone, io.bytes);
      return false;
    }
  }
  request.left = -1;
  return true;
}

/** Chooses what is written; reads the records of which only a part is. */
function prepare(ctx: Context, os: OsState, request: Request, zone: OsZone, io: WritePlan): boolean {
  if (request.write !== undefined) return true;
  const grows = io.op === 'write' && io.pattern === 'sequential';
  const offset = grows ? -1 : pickOffset(io, zone.workingSetBytes, ctx.stream(zone.uuid), zone.writes);
  request.write = { offset, admitted: false };
  if (grows) {
    const space = os.spaces.get(zone.dataset);
    const left = (space?.bytes ?? Infinity) - growth(os.txgs, zone.dataset);
    if (left < io.bytes) request.error = space?.poolBound === true ? 'ENOSPC' : 'EDQUOT';
    return true;
  }
  const whole = offset % zone.recordBytes === 0 && io.bytes % zone.recordBytes === 0;
  if (whole) return true;
  const reads = emptyReads('rmw');
  missing(os, zone, offset, io.bytes, ctx.now, reads);
  return beginReads(ctx, os, request, zone, reads, 1);
}

/** Lets the writer into the open txg, or makes it wait. */
function admit(ctx: Context, os: OsState, request: Request): boolean {
  if (request.write!.admitted) return true;
  const wakes = writerWakes(os.txgs, ctx.now);
  if (wakes === ctx.now) return true;
  if (wakes >= 0) {
    waitUntil(ctx, os, request, Phase.delay, wakes);
    return false;
  }
  request.phase = Phase.dirtyLimit;
  os.dirtyWaiters.push(request.id);
  askTxg(ctx, os);
  return false;
}

/** The delay of a writer is over: it was for dirty memory, and so behind who holds most of it. */
export function delayDone(ctx: Context, os: OsState, request: Request): void {
  const other = dirtiest(os.txgs, request.zone);
  if (other === 0) charge(request, ctx.now, Place.DIRTY_DELAY);
  else charge(request, ctx.now, Place.DIRTY_DELAY, Behind.OTHER_ZONE, other);
  request.write!.admitted = true;
  makeReady(os, request);
}

function enter(ctx: Context, os: OsState, request: Request, zone: OsZone, io: WritePlan): void {
  const { offset } = request.write!;
  const first = Math.floor(Math.max(0, offset) / zone.recordBytes);
  const records =
    offset < 0
      ? Math.ceil(io.bytes / zone.recordBytes)
      : Math.floor((offset + io.bytes - 1) / zone.recordBytes) - first + 1;
  const grown = offset < 0 ? io.bytes : 0;
  dirty(os.txgs, zone.id, zone.dataset, offset < 0 ? io.bytes : records * zone.recordBytes, grown);
  if (offset >= 0) {
    const table = tableOf(os, zone, ctx.now);
    const last = Math.min(table.records, first + records);
    for (let record = first; record < last; record++) fillArc(os.arc, table, record, ctx.now);
  }
  if (os.switches.delay)
    request.throttleNs += throttleDelay(os.throttle, zone.slot, ThrottleOp.logical, ctx.now);
  countOp(os.throttle, zone.slot, ThrottleOp.logical, ctx.now);
  request.workNs += WRITE_NS * records;
  zone.count.writtenBytes += io.bytes;
  request.write = undefined;
  tendTxg(ctx, os);
}

function commit(ctx: Context, os: OsState, request: Request, zone: OsZone, bytes: number): void {
  request.phase = Phase.zil;
  const size = commitZil(zone.zil, { key: request.id, bytes, since: ctx.now });
  if (size > 0) writeBlock(ctx, os, zone, size, request.root);
}

function writeBlock(ctx: Context, os: OsState, zone: OsZone, size: number, root: number): void {
  for (const { key } of zone.zil.underWay) {
    const request = os.requests.get(key);
    if (request !== undefined) charge(request, ctx.now, Place.ZIL_WAIT);
  }
  const zio: Zio = {
    id: os.nextId++,
    kind: 'log',
    request: zone.zil.underWay[0].key,
    zone: zone.id,
    image: '',
    chain: 0,
    offset: zone.zil.offset,
    size,
    issuedAt: ctx.now,
    key: ctx.newKey(),
  };
  os.zios.set(zio.id, zio);
  ctx.send(os.pool, 'zioRequest', {
    id: zio.id,
    kind: ZioKind.ZIO_LOG_WRITE,
    zone: zone.id,
    dataset: zone.dataset,
    offset: zio.offset,
    size,
    issuedAt: ctx.now,
    root,
    span: zio.key,
  });
}

/** A log block is on disk; one that failed leaves its writers to wait for the txg. */
export function logDone(ctx: Context, os: OsState, zone: OsZone, zio: Zio, done: Messages['zioDone']): void {
  noteZio(ctx, os, zio, done, os.requests.get(zio.request));
  for (const { key } of blockWritten(zone.zil)) {
    const request = os.requests.get(key);
    if (request === undefined) continue;
    mergeLedger(request.ledger, done.ledger);
    request.since = ctx.now;
    if (done.status === ZioStatus.ZIO_OK) makeReady(os, request);
    else {
      request.phase = Phase.txg;
      request.slice = os.txgs.open.number;
      os.txgWaiters.push(key);
      askTxg(ctx, os);
    }
  }
  const size = fillBlock(zone.zil);
  if (size > 0) writeBlock(ctx, os, zone, size, os.requests.get(zone.zil.underWay[0].key)?.root ?? 0);
}

/** Takes memory for a request, paging when the zone is over its cap. @returns whether it can go on at once */
export function memoryStep(
  ctx: Context,
  os: OsState,
  request: Request,
  zone: OsZone,
  bytes: number,
): boolean {
  const before = residentBytes(zone.memory);
  const paging = takeMemory(zone.memory, bytes);
  if (paging.refused) {
    request.error = 'ENOMEM';
    return true;
  }
  request.memoryBytes += bytes;
  tendMemory(os, residentBytes(zone.memory) - before);
  if (paging.outBytes > 0) {
    dirty(os.txgs, 0, 'zones/swap', paging.outBytes, 0);
    tendTxg(ctx, os);
  }
  if (paging.inBytes === 0) return true;
  const reads = emptyReads('paging');
  const page = { pattern: 'uniform', skew: 0, bytes: paging.inBytes } as const;
  reads.offsets.push(pickOffset(page, PAGE_IN_SPAN, ctx.stream(zone.uuid), zone.reads));
  reads.sizes.push(paging.inBytes);
  return beginReads(ctx, os, request, zone, reads, 1);
}

export function releaseMemory(os: OsState, zone: OsZone, request: Request): void {
  if (request.memoryBytes === 0) return;
  const before = residentBytes(zone.memory);
  giveMemory(zone.memory, request.memoryBytes);
  request.memoryBytes = 0;
  tendMemory(os, residentBytes(zone.memory) - before);
}
