/** Once a second, while there is something to tell: what each zone served, and the node. */
import type { Context } from '@orrery/actor';
import { mergeLedger } from '@orrery/proto';
import { reportDemand } from './courier.ts';
import { settleCpu } from './model/cpu.ts';
import { bucketsOf, record } from './model/histogram.ts';
import { throttledZones } from './model/zone-throttle.ts';
import type { OsState, OsZone, Request, ZoneCount } from './state.ts';

const SECOND = 1_000_000_000;
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

/** Counts a request that has ended. */
export function countServed(ctx: Context, os: OsState, zone: OsZone, request: Request): void {
  const count = touch(ctx, os, zone);
  const took = ctx.now - request.arrivedAt;
  if (request.error === '') count.requests++;
  else count.errors++;
  record(count.latency, took);
  mergeLedger(count.ledger, request.ledger);
  count.latencyNs += took;
  if (took > count.latencyNsMax) count.latencyNsMax = took;
}

export function reportTick(ctx: Context, os: OsState): void {
  const from = ctx.now - SECOND;
  os.reporting = false;
  settleCpu(os.cpu, ctx.now);
  let usedNs = 0;
  let any = false;
  for (const zone of os.zones.values()) {
    const cpuNs = os.cpu.zones[zone.slot]!.usedNs - zone.usedNsReported;
    usedNs += cpuNs;
    if (!zone.touched && cpuNs === 0) continue;
    any = true;
    zone.usedNsReported += cpuNs;
    if (zone.id !== ctx.self) reportZone(ctx, zone, from, cpuNs);
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

function again(ctx: Context, os: OsState): void {
  os.reporting = true;
  ctx.timer('report', ctx.now + SECOND, 'tick', REPORT_TICK);
}

function reportZone(ctx: Context, zone: OsZone, from: number, cpuNs: number): void {
  const { count } = zone;
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
  });
}
