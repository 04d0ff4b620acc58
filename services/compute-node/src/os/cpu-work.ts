/** A request's CPU work: one thread of the CPU model, and what its time is charged to. */
import type { Context } from '@orrery/actor';
import { addToLedger, Behind, Place, type LedgerEntry } from '@orrery/proto';
import {
  dropThread,
  endDirect,
  endShared,
  leaveShared,
  nextEnd,
  retuneCpu,
  startThread,
  type CpuThread,
} from './model/cpu.ts';
import { tendBursts } from './bursts.ts';
import { HIT_NS } from './reads.ts';
import { makeReady, waitUntil } from './request.ts';
import { Phase, type OsState, type Request } from './state.ts';

const CPU_TICK = { name: 'cpu', number: 0 };

/** CPU work that the request has put together. */
export function pendingCpu(request: Request): number {
  return request.arcNs + request.throttleNs + request.workNs;
}

/** Runs the work put together as one burst of a thread. */
export function runCpu(ctx: Context, os: OsState, request: Request): void {
  const { slot } = os.zones.get(request.zone)!;
  request.phase = Phase.cpu;
  const end = startThread(os.cpu, slot, request.id, pendingCpu(request), ctx.now);
  if (end >= 0) waitUntil(ctx, os, request, Phase.cpu, end);
}

/** A burst in direct mode is through. */
export function burstDone(ctx: Context, os: OsState, request: Request): void {
  if (os.cpu.shared) return;
  const thread = endDirect(os.cpu, os.zones.get(request.zone)!.slot, request.id, ctx.now);
  if (thread !== undefined) settle(ctx, os, request, thread);
}

/** The next end in shared mode is due. */
export function cpuTick(ctx: Context, os: OsState): void {
  os.cpuEnd = 0;
  for (const thread of endShared(os.cpu, ctx.now)) {
    const request = os.requests.get(thread.key);
    if (request !== undefined) settle(ctx, os, request, thread);
  }
}

/** After all of an event's changes: back to direct mode if there is room, else a timer for the next end. */
export function tendCpu(ctx: Context, os: OsState): void {
  if (os.bursts.length > 0) tendBursts(ctx, os);
  if (!os.cpu.shared) return;
  const threads = leaveShared(os.cpu, ctx.now);
  if (threads === undefined) {
    armCpu(ctx, os);
    return;
  }
  if (os.cpuEnd > 0) ctx.cancel('cpu');
  os.cpuEnd = 0;
  for (const thread of threads) {
    const request = os.requests.get(thread.key)!;
    waitUntil(ctx, os, request, Phase.cpu, ctx.now + thread.workNs - thread.doneNs);
  }
}

export function dropCpu(ctx: Context, os: OsState, request: Request): void {
  dropThread(os.cpu, os.zones.get(request.zone)!.slot, request.id, ctx.now);
}

/** Changes the number of CPUs. */
export function changeCpus(ctx: Context, os: OsState, cpus: number): void {
  retuneCpu(os.cpu, ctx.now, cpus, -1);
}

function armCpu(ctx: Context, os: OsState): void {
  if (os.cpu.runnable === 0) return;
  const end = nextEnd(os.cpu);
  if (end === os.cpuEnd || end === Infinity) return;
  os.cpuEnd = end;
  ctx.timer('cpu', end, 'tick', CPU_TICK);
}

/** Charges a burst: the work first to those it was for, then the waits. */
function settle(ctx: Context, os: OsState, request: Request, thread: CpuThread): void {
  const { ledger } = request;
  if (request.arcNs > 0) showHits(ctx, os, request, thread.startedAt);
  addToLedger(ledger, Place.ARC, request.arcNs);
  addToLedger(ledger, Place.THROTTLE, request.throttleNs);
  addToLedger(ledger, Place.ON_CPU, thread.doneNs - request.arcNs - request.throttleNs);
  addToLedger(ledger, Place.CPU_CAP, thread.capNs);
  addToLedger(ledger, Place.RUN_QUEUE, thread.selfNs);
  for (let slot = 0; slot < thread.behindNs.length; slot++) {
    const ns = thread.behindNs[slot];
    if (ns > 0) addToLedger(ledger, Place.RUN_QUEUE, ns, Behind.OTHER_ZONE, os.cpu.zones[slot]!.id);
  }
  request.since = ctx.now;
  request.arcNs = 0;
  request.throttleNs = 0;
  request.workNs = 0;
  makeReady(os, request);
}

/** Shows what a burst had from the ARC, which is its first work, as a span of its own. */
function showHits(ctx: Context, os: OsState, request: Request, start: number): void {
  const key = ctx.newKey();
  if (!ctx.tracing || request.origin.kind === 'work') return;
  const ledger: LedgerEntry[] = [];
  addToLedger(ledger, Place.ARC, request.arcNs);
  ctx.span({
    name: 'arc read',
    trace: request.root,
    key,
    parent: request.key,
    start,
    end: start + request.arcNs,
    attributes: {
      'smartos.dataset': os.zones.get(request.zone)!.dataset,
      'smartos.arc.hits': request.arcNs / HIT_NS,
    },
    ledger,
  });
}
