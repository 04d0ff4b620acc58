/** Once a second, while there is something to tell: what each zone served, and the node. */
import type { Context } from '@orrery/actor';
import { mergeLedger } from '@orrery/proto';
import { reportDemand } from './courier.ts';
import { settleCpu } from './model/cpu.ts';
import { bucketsOf, record } from './model/histogram.ts';
import { throttledZones } from './model/zone-throttle.ts';
import type { OsState, OsZone, Request, ZoneCount } from './state.ts';

const SECOND = 1_000_000_000;
/** Requests in hand at a second's end, and the age of the oldest, ns. */
interface Pending {
  inFlight: number;
  oldestNs: number;
}
const NONE: Pending = { inFlight: 0, oldestNs: 0 };
const REPORT_TICK = { name: 'report', number: 0 };

export function newCount(): ZoneCount {
  return {
    requests: 0,
    errors: 0,
    refused: 0,
    timeouts: 0,
    latency: new Map(),
    ledger: [],
    latencyNs: 0,
    latencyNsMax: 0,
    failures: [],
    hits: 0,
    misses: 0,
    readBytes: 0,
    writtenBytes: 0,
  };
}

/** The zone's count of this second; a report will follow. */
export function touch(ctx: Context, os: OsState, zone: OsZone): ZoneCount {
  zone.touched = true;
  if (!os.reporting) {
    os.reporting = true;
    ctx.timer('report', (Math.floor(ctx.now / SECOND) + 1) * SECOND, 'tick', REPORT_TICK);
  }
  return zone.count;
}

/** Counts one failure for a reason. */
export function countFailure(count: ZoneCount, reason: string): void {
  const known = count.failures.find((failure) => failure.reason === reason);
  if (known === undefined) count.failures.push({ reason, count: 1 });
  else known.count++;
}

/** Counts a request that has ended. */
export function countServed(ctx: Context, os: OsState, zone: OsZone, request: Request): void {
  const count = touch(ctx, os, zone);
  const took = ctx.now - request.arrivedAt;
  if (request.error === '') count.requests++;
  else {
    count.errors++;
    countFailure(count, request.blame || request.error);
  }
  record(count.latency, took);
  mergeLedger(count.ledger, request.ledger);
  count.latencyNs += took;
  if (took > count.latencyNsMax) count.latencyNsMax = took;
}

export function reportTick(ctx: Context, os: OsState): void {
  const from = ctx.now - SECOND;
  os.reporting = false;
  settleCpu(os.cpu, ctx.now);
  const pending = pendingByZone(os, ctx.now);
  let usedNs = 0;
  let any = false;
  for (const zone of os.zones.values()) {
    const cpuNs = os.cpu.zones[zone.slot]!.usedNs - zone.usedNsReported;
    usedNs += cpuNs;
    const inHand = pending.get(zone.id) ?? NONE;
    if (!zone.touched && cpuNs === 0 && inHand.inFlight === 0) continue;
    any = true;
    zone.usedNsReported += cpuNs;
    if (zone.id !== ctx.self) reportZone(ctx, zone, { from, cpuNs, ...inHand });
    zone.touched = false;
    zone.count = newCount();
  }
  if (any) {
    ctx.emit('nodeServed', {
      from,
      cpuNs: usedNs,
      arcBytes: os.arc.bytes,
      dirtyBytes: os.txgs.dirtyBytes,
      throttledZones: throttledZones(os.throttle),
    });
  }
  if (reportDemand(ctx, os.courier) || os.requests.size > 0) again(ctx, os);
}

/** What each zone has taken in for others and not ended. */
function pendingByZone(os: OsState, now: number): Map<number, Pending> {
  const pending = new Map<number, Pending>();
  for (const { zone, origin, arrivedAt } of os.requests.values()) {
    if (origin.kind !== 'call' && origin.kind !== 'local') continue;
    const inHand = pending.get(zone);
    if (inHand === undefined) pending.set(zone, { inFlight: 1, oldestNs: now - arrivedAt });
    else {
      inHand.inFlight++;
      inHand.oldestNs = Math.max(inHand.oldestNs, now - arrivedAt);
    }
  }
  return pending;
}

function again(ctx: Context, os: OsState): void {
  os.reporting = true;
  ctx.timer('report', ctx.now + SECOND, 'tick', REPORT_TICK);
}

function reportZone(ctx: Context, zone: OsZone, second: Pending & { from: number; cpuNs: number }): void {
  const { count } = zone;
  const { from, cpuNs, inFlight, oldestNs } = second;
  ctx.send(zone.id, 'zoneReport', {
    from,
    requests: count.requests,
    errors: count.errors,
    refused: count.refused,
    timeouts: count.timeouts,
    latency: bucketsOf(count.latency),
    ledger: count.ledger,
    latencyNs: count.latencyNs,
    arcHits: count.hits,
    arcMisses: count.misses,
    cpuNs,
    arcBytes: zone.table?.bytes ?? 0,
    workingSetBytes: zone.workingSetBytes,
    readBytes: count.readBytes,
    writtenBytes: count.writtenBytes,
    latencyNsMax: count.latencyNsMax,
    inFlight,
    oldestNs,
    failures: count.failures,
  });
}
