/** Reads: records from the ARC or, in chains of I/Os, from the pool. */
import type { Context } from '@orrery/actor';
import {
  addToLedger,
  Behind,
  ledgerTotal,
  mergeLedger,
  Place,
  ZioKind,
  ZioStatus,
  type LedgerEntry,
} from '@orrery/proto';
import type { Messages } from '@orrery/proto';
import { tableOf } from './arc-tables.ts';
import { fillArc, readArc } from './model/arc.ts';
import { pickOffset } from './model/pattern.ts';
import type { ReadPlan } from './model/plan.ts';
import { countOp, noteDisks, noteLatency, throttleDelay, ThrottleOp } from './model/zone-throttle.ts';
import { makeReady } from './request.ts';
import { Phase, type OsState, type OsZone, type PendingReads, type Request, type Zio } from './state.ts';

/** CPU time to find a record in the ARC and copy it out, ns: more makes a warm cache worth less. */
export const HIT_NS = 4_000;
/** Neighbouring records that are missing come in one I/O up to this size, as the vdev queue would aggregate them. */
const RUN_MAX = 131_072;

/** Does a read step. @returns whether the request can go on at once */
export function readStep(ctx: Context, os: OsState, request: Request, zone: OsZone, io: ReadPlan): boolean {
  const reads = emptyReads('read');
  const stream = ctx.stream(zone.uuid);
  for (let i = 0; i < io.count; i++) {
    const offset = pickOffset(io, zone.workingSetBytes, stream, zone.reads);
    request.arcNs += HIT_NS * missing(os, zone, offset, io.bytes, ctx.now, reads);
  }
  zone.count.readBytes += io.bytes * io.count;
  return beginReads(ctx, os, request, zone, reads, io.parallel);
}

export function emptyReads(reason: PendingReads['reason']): PendingReads {
  return { reason, offsets: [], sizes: [], next: 0, active: 0, chains: [] };
}

/** Looks the records of a range up, putting missing ones into `reads`. @returns how many are here */
export function missing(
  os: OsState,
  zone: OsZone,
  offset: number,
  bytes: number,
  now: number,
  reads: PendingReads,
): number {
  const table = tableOf(os, zone, now);
  const { recordBytes } = table;
  const last = Math.min(table.records - 1, Math.floor((offset + bytes - 1) / recordBytes));
  let hits = 0;
  for (let record = Math.floor(offset / recordBytes); record <= last; record++) {
    if (readArc(os.arc, table, record, now)) {
      hits++;
      continue;
    }
    zone.count.misses++;
    const at = record * recordBytes;
    const end = reads.offsets.length - 1;
    const follows = end >= 0 && reads.offsets[end] + reads.sizes[end] === at;
    if (follows && reads.sizes[end] + recordBytes <= RUN_MAX) reads.sizes[end] += recordBytes;
    else {
      reads.offsets.push(at);
      reads.sizes.push(recordBytes);
    }
  }
  zone.count.hits += hits;
  return hits;
}

/** Starts `reads`, after the throttle's busy wait for them. @returns whether there are none */
export function beginReads(
  ctx: Context,
  os: OsState,
  request: Request,
  zone: OsZone,
  reads: PendingReads,
  parallel: number,
): boolean {
  const count = reads.offsets.length;
  if (count === 0) return true;
  for (let i = 0; i < Math.min(parallel, count); i++) reads.chains.push({ ledger: [] });
  request.reads = reads;
  if (os.switches.delay && reads.reason !== 'paging') {
    const delay = throttleDelay(os.throttle, zone.slot, ThrottleOp.read, ctx.now);
    request.throttleNs += delay * count;
  }
  if (request.throttleNs === 0) issueReads(ctx, os, request);
  else makeReady(os, request);
  return false;
}

/** Issues the first I/O of each chain; the busy wait is over. */
export function issueReads(ctx: Context, os: OsState, request: Request): void {
  const reads = request.reads!;
  request.phase = Phase.zio;
  for (let chain = 0; chain < reads.chains.length; chain++) issue(ctx, os, request, reads, chain);
}

function issue(ctx: Context, os: OsState, request: Request, reads: PendingReads, chain: number): void {
  const index = reads.next++;
  reads.active++;
  const paging = reads.reason === 'paging';
  const zone = os.zones.get(request.zone)!;
  const zio: Zio = {
    id: os.nextId++,
    kind: 'read',
    request: request.id,
    zone: request.zone,
    image: '',
    chain,
    offset: reads.offsets[index],
    size: reads.sizes[index],
    issuedAt: ctx.now,
    key: ctx.newKey(),
  };
  os.zios.set(zio.id, zio);
  ctx.send(os.pool, 'zioRequest', {
    id: zio.id,
    kind: ZioKind.ZIO_READ,
    zone: paging || zone.id === ctx.self ? 0 : zone.id,
    dataset: paging ? 'zones/swap' : zone.dataset,
    offset: zio.offset,
    size: zio.size,
    issuedAt: ctx.now,
    root: request.root,
    span: zio.key,
  });
}

/** Checks a finished I/O's ledger, counts it for the throttle, and shows it. */
export function noteZio(
  ctx: Context,
  os: OsState,
  zio: Zio,
  done: Messages['zioDone'],
  request: Request | undefined,
): void {
  const took = ctx.now - zio.issuedAt;
  if (ledgerTotal(done.ledger) !== took)
    throw new RangeError(`zio ${zio.id} took ${took} ns, but its ledger sums to ${ledgerTotal(done.ledger)}`);
  const op = zio.kind === 'log' ? ThrottleOp.write : ThrottleOp.read;
  noteLatency(os.throttle, op, took, ctx.now);
  noteDisks(os.throttle, done.diskBusyNs, done.lastLaggardAt);
  const zone = os.zones.get(zio.zone);
  if (zone !== undefined) countOp(os.throttle, zone.slot, op, ctx.now);
  if (!ctx.tracing || request === undefined) return;
  ctx.span({
    name: zio.kind === 'log' ? 'zil write' : 'zio read',
    trace: request.root,
    key: zio.key,
    parent: request.key,
    start: zio.issuedAt,
    end: ctx.now,
    ...(done.status === ZioStatus.ZIO_OK ? {} : { error: 'EIO' }),
    attributes: {
      'smartos.dataset': zone?.dataset ?? '',
      'smartos.disk': done.disk,
      'smartos.zio.bytes': zio.size,
    },
    ledger: done.ledger,
  });
}

/** A read is back: the next of its chain, or the request goes on when the last chain has ended. */
export function readDone(
  ctx: Context,
  os: OsState,
  request: Request,
  zio: Zio,
  done: Messages['zioDone'],
): void {
  const reads = request.reads!;
  const zone = os.zones.get(request.zone)!;
  reads.active--;
  if (done.status !== ZioStatus.ZIO_OK) request.error = 'EIO';
  else if (reads.reason !== 'paging') fill(os, zone, zio, ctx.now);
  const chain = reads.chains[zio.chain];
  mergeLedger(chain.ledger, done.ledger);
  if (request.error === '' && reads.next < reads.offsets.length) {
    issue(ctx, os, request, reads, zio.chain);
    return;
  }
  if (reads.active > 0) return;
  mergeChain(request.ledger, chain.ledger, reads.reason);
  request.since = ctx.now;
  request.reads = undefined;
  makeReady(os, request);
}

function fill(os: OsState, zone: OsZone, zio: Zio, now: number): void {
  const table = tableOf(os, zone, now);
  const last = Math.min(table.records - 1, Math.floor((zio.offset + zio.size - 1) / table.recordBytes));
  for (let record = Math.floor(zio.offset / table.recordBytes); record <= last; record++)
    fillArc(os.arc, table, record, now);
}

/** Charges a chain's time: a read before a partial write to RECORD_RMW, paging behind PAGING, else as it was. */
function mergeChain(into: LedgerEntry[], from: readonly LedgerEntry[], reason: PendingReads['reason']): void {
  if (reason === 'read') return mergeLedger(into, from);
  for (const { place, behind, zone, ns } of from) {
    if (reason === 'rmw') addToLedger(into, Place.RECORD_RMW, ns, behind, zone);
    else addToLedger(into, place, ns, Behind.PAGING);
  }
}
