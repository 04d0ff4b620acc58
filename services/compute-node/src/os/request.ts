/** Requests: how one begins, waits, and is charged; what it does next is for `run`. */
import type { Context } from '@orrery/actor';
import { addToLedger, Behind, type Place } from '@orrery/proto';
import type { StepPlan } from './model/plan.ts';
import { Phase, type Origin, type OsState, type OsZone, type Request } from './state.ts';

export interface Asking {
  zone: OsZone;
  name: string;
  steps: StepPlan[];
  replyBytes: number;
  origin: Origin;
  /** 0: it is the root of its own trace. */
  root: number;
  parentSpan: number;
}

export function makeRequest(ctx: Context, os: OsState, asking: Asking): Request {
  const key = ctx.newKey();
  const request: Request = {
    id: os.nextId++,
    key,
    root: asking.root === 0 ? key : asking.root,
    parentSpan: asking.parentSpan,
    zone: asking.zone.id,
    name: asking.name,
    steps: asking.steps,
    replyBytes: asking.replyBytes,
    origin: asking.origin,
    step: 0,
    phase: Phase.ready,
    slice: 0,
    arrivedAt: ctx.now,
    since: ctx.now,
    ledger: [],
    arcNs: 0,
    throttleNs: 0,
    workNs: 0,
    left: -1,
    reads: undefined,
    write: undefined,
    memoryBytes: 0,
    error: '',
    blame: '',
  };
  os.requests.set(request.id, request);
  return request;
}

/** Lets the request go on when the event in hand is done with. */
export function makeReady(os: OsState, request: Request): void {
  request.phase = Phase.ready;
  os.ready.push(request.id);
}

/** Charges the wait since the ledger was last complete. */
export function charge(
  request: Request,
  now: number,
  place: Place,
  behind: Behind = Behind.ITSELF,
  zone = 0,
): void {
  addToLedger(request.ledger, place, now - request.since, behind, zone);
  request.since = now;
}

/** Begins a wait that ends at `at`, ns, unless something else ends it. */
export function waitUntil(ctx: Context, os: OsState, request: Request, phase: Phase, at: number): void {
  request.phase = phase;
  request.slice = os.nextId++;
  ctx.send(ctx.self, 'osStep', { request: request.id, slice: request.slice }, at);
}
