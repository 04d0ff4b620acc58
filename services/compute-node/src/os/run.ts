/** Runs requests that can go on: step by step, until each waits for something or has ended. */
import type { Context } from '@orrery/actor';
import { CallStatus, ledgerTotal, Place } from '@orrery/proto';
import { answered, callStep } from './calls.ts';
import { dropCpu, pendingCpu, runCpu, tendCpu } from './cpu-work.ts';
import { loadStep } from './boot-reads.ts';
import { loadDone } from './load.ts';
import { drawNs } from './model/plan.ts';
import { issueReads, readStep } from './reads.ts';
import { countServed } from './report.ts';
import { charge } from './request.ts';
import { freeWorker, reply, showRequest } from './serve.ts';
import { Phase, type OsState, type OsZone, type Request } from './state.ts';
import { workDone } from './work.ts';
import { memoryStep, releaseMemory, writeStep } from './writes.ts';

/** Lets everybody who can go on do so. Called at the end of every event. */
export function drain(ctx: Context, os: OsState): void {
  for (let i = 0; i < os.ready.length; i++) {
    const request = os.requests.get(os.ready[i]);
    if (request !== undefined && request.phase === Phase.ready) proceed(ctx, os, request);
  }
  if (os.ready.length > 0) os.ready = [];
  tendCpu(ctx, os);
}

function proceed(ctx: Context, os: OsState, request: Request): void {
  if (request.reads !== undefined) {
    if (pendingCpu(request) > 0) runCpu(ctx, os, request);
    else issueReads(ctx, os, request);
    return;
  }
  const zone = os.zones.get(request.zone)!;
  while (request.error === '' && request.step < request.steps.length) {
    if (!doStep(ctx, os, request, zone)) return;
  }
  if (request.error === '' && pendingCpu(request) > 0) runCpu(ctx, os, request);
  else finish(ctx, os, request, zone);
}

/** Does the present step, or begins it. @returns whether to go on at once */
function doStep(ctx: Context, os: OsState, request: Request, zone: OsZone): boolean {
  const step = request.steps[request.step];
  // What a hit costs may be done later, in the next burst; other work comes before what follows it.
  const burst = request.workNs + request.throttleNs > 0 && request.left < 0;
  switch (step.op) {
    case 'cpu':
      request.workNs += drawNs(step.time, ctx.stream(zone.uuid), 1);
      request.step++;
      return true;
    case 'memory':
      if (burst) break;
      request.step++;
      return memoryStep(ctx, os, request, zone, step.bytes);
    case 'read':
      if (burst) break;
      request.step++;
      return readStep(ctx, os, request, zone, step);
    case 'load':
      if (burst) break;
      if (!loadStep(ctx, os, request, zone, step)) return false;
      request.step++;
      return true;
    case 'call':
      if (pendingCpu(request) > 0) break;
      request.step++;
      callStep(ctx, os, request, step);
      return false;
    default:
      if (burst) break;
      if (!writeStep(ctx, os, request, zone, step)) return false;
      request.step++;
      return true;
  }
  runCpu(ctx, os, request);
  return false;
}

function finish(ctx: Context, os: OsState, request: Request, zone: OsZone): void {
  const total = ledgerTotal(request.ledger);
  if (total !== ctx.now - request.arrivedAt)
    throw new RangeError(
      `request ${request.id} took ${ctx.now - request.arrivedAt} ns, but its ledger sums to ${total}`,
    );
  os.requests.delete(request.id);
  releaseMemory(os, zone, request);
  const { origin } = request;
  if (ctx.tracing && origin.kind !== 'work') showRequest(ctx, os, request);
  const status = request.error === '' ? CallStatus.CALL_OK : CallStatus.CALL_ERROR;
  if (origin.kind === 'call' || origin.kind === 'local') {
    countServed(ctx, os, zone, request);
    freeWorker(ctx, os, zone);
    if (origin.kind === 'call')
      reply(ctx, os, origin.call, request.replyBytes, status, request.error, request.ledger);
    else answered(ctx, os, origin.outcall, { status, error: request.error }, request.ledger);
  } else if (origin.kind === 'work') workDone(ctx, os, origin.work, request.error);
  else loadDone(ctx, os, origin.load);
}

/**
 * Ends all requests of a zone whose processes are gone; who called them hears a reset. What such a request waited for
 * last is charged to LOST. @param all whether the zone itself goes, and its boot work with it
 */
export function abort(ctx: Context, os: OsState, zone: OsZone, all: boolean): void {
  for (const [id, request] of os.requests) {
    if (request.zone !== zone.id || (request.origin.kind === 'work' && !all)) continue;
    if (request.phase === Phase.cpu) dropCpu(ctx, os, request);
    charge(request, ctx.now, Place.LOST);
    request.error = 'ECONNRESET';
    os.requests.delete(id);
    releaseMemory(os, zone, request);
    const { origin, error, ledger } = request;
    if (origin.kind === 'call') reply(ctx, os, origin.call, 60, CallStatus.CALL_REFUSED, error, ledger);
    else if (origin.kind === 'local')
      answered(ctx, os, origin.outcall, { status: CallStatus.CALL_REFUSED, error }, ledger);
    else if (origin.kind === 'work') workDone(ctx, os, origin.work, error);
  }
  zone.busy = 0;
  zone.waiting = [];
}
