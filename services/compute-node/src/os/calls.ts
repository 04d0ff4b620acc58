/** Calls that requests of this node make: to zones of this node at once, to others over the network. */
import type { Context } from '@orrery/actor';
import { Behind, CallStatus, ledgerTotal, mergeLedger, Place, type LedgerEntry } from '@orrery/proto';
import { sendCall } from './courier.ts';
import { showCall } from './show-call.ts';
import { addDeadline, nextDeadline, takeDue } from './model/deadlines.ts';
import type { CallPlan, Target } from './model/plan.ts';
import { charge, makeReady } from './request.ts';
import { accept } from './serve.ts';
import { Phase, type OsState, type Outcall, type OsZone, type Outcome, type Request } from './state.ts';
import { touch } from './report.ts';

/** Begins a call step: the first try. */
export function callStep(ctx: Context, os: OsState, request: Request, plan: CallPlan): void {
  request.left = plan.retries;
  tryCall(ctx, os, request, plan);
}

function tryCall(ctx: Context, os: OsState, request: Request, plan: CallPlan): void {
  const target = plan.targets[plan.turn++ % plan.targets.length];
  if (target === undefined) {
    request.error = 'nobody to call';
    makeReady(os, request);
    return;
  }
  const outcall: Outcall = {
    id: os.nextId++,
    request: request.id,
    plan,
    tries: plan.retries - request.left + 1,
    sentAt: ctx.now,
    key: ctx.newKey(),
    over: target.node === os.config.node ? '' : target.alias,
  };
  os.outcalls.set(outcall.id, outcall);
  request.phase = Phase.call;
  addDeadline(os.deadlines, ctx.now + plan.timeoutNs, outcall.id);
  armDeadlines(ctx, os);
  if (target.node === os.config.node) callHere(ctx, os, request, outcall, target);
  else callThere(ctx, os, request, outcall, target);
}

function callHere(ctx: Context, os: OsState, request: Request, outcall: Outcall, target: Target): void {
  const zone = os.byUuid.get(target.uuid);
  const origin = { kind: 'local', outcall: outcall.id } as const;
  // No zone, no IP stack: as on another node, only the timeout tells.
  if (zone === undefined || !zone.reachable) return;
  const refused = accept(ctx, os, zone, outcall.plan.program, origin, request.root, request.key);
  if (refused !== '') answered(ctx, os, outcall.id, { status: CallStatus.CALL_REFUSED, error: refused }, []);
}

function callThere(ctx: Context, os: OsState, request: Request, outcall: Outcall, target: Target): void {
  const to = ctx.lookup(target.os);
  // Nobody has that address: like a packet to nowhere, only the timeout tells.
  if (to === undefined) return;
  sendCall(ctx, os.courier, target.node, to, {
    id: outcall.id,
    caller: ctx.self,
    callerEndpoint: os.config.node,
    zoneUuid: target.uuid,
    program: outcall.plan.program,
    root: request.root,
    parentSpan: outcall.key,
    sentAt: ctx.now,
    requestBytes: outcall.plan.requestBytes,
    ledger: [],
    deadline: ctx.now + outcall.plan.timeoutNs,
    network: target.network,
  });
}

/** A call's answer is here; nobody waits for one that came too late. */
export function answered(
  ctx: Context,
  os: OsState,
  id: number,
  outcome: Outcome,
  ledger: readonly LedgerEntry[],
): void {
  const outcall = os.outcalls.get(id);
  if (outcall === undefined) return;
  os.outcalls.delete(id);
  const request = os.requests.get(outcall.request)!;
  if (ledgerTotal(ledger) !== ctx.now - outcall.sentAt)
    throw new RangeError(
      `call ${id} took ${ctx.now - outcall.sentAt} ns, but its ledger sums to ${ledgerTotal(ledger)}`,
    );
  mergeLedger(request.ledger, ledger);
  request.since = ctx.now;
  if (ctx.tracing) show(ctx, os, request, outcall, outcome.error, ledger);
  conclude(ctx, os, request, outcall, outcome);
}

/** Calls whose caller has waited long enough. */
export function deadlineTick(ctx: Context, os: OsState): void {
  for (let id = takeDue(os.deadlines, os.outcalls, ctx.now); id >= 0;) {
    const outcall = os.outcalls.get(id)!;
    os.outcalls.delete(id);
    const request = os.requests.get(outcall.request)!;
    if (ctx.tracing) {
      const waited = { place: Place.TIMEOUT, behind: Behind.ITSELF, zone: 0, ns: ctx.now - outcall.sentAt };
      show(ctx, os, request, outcall, 'ETIMEDOUT', [waited]);
    }
    charge(request, ctx.now, Place.TIMEOUT);
    const zone = os.zones.get(request.zone)!;
    touch(ctx, os, zone).timeouts++;
    conclude(ctx, os, request, outcall, { status: CallStatus.CALL_ERROR, error: 'ETIMEDOUT' }, true);
    id = takeDue(os.deadlines, os.outcalls, ctx.now);
  }
  armDeadlines(ctx, os);
}

/** A call as the network saw it; one on this node is none of the network's. */
function show(
  ctx: Context,
  os: OsState,
  request: Request,
  { key, over: to, sentAt }: Outcall,
  error: string,
  ledger: readonly LedgerEntry[],
): void {
  if (to === '') return;
  const uuid = os.zones.get(request.zone)?.uuid ?? '';
  const from = os.config.traits[uuid]?.alias ?? os.config.node;
  showCall(ctx, { trace: request.root, key, parent: request.key, sentAt, from, to, error, ledger });
}

/** Goes on after an answer or a timeout: with the next step, or with another try. */
function conclude(
  ctx: Context,
  os: OsState,
  request: Request,
  outcall: Outcall,
  outcome: Outcome,
  late = false,
): void {
  if (outcome.status === CallStatus.CALL_OK) {
    request.left = -1;
    makeReady(os, request);
  } else if (request.left > 0) {
    request.left--;
    tryCall(ctx, os, request, outcall.plan);
  } else {
    request.left = -1;
    request.error = outcome.error === '' ? 'call failed' : outcome.error;
    request.blame = late ? 'callee timed out' : blameOf(outcome);
    makeReady(os, request);
  }
}

function blameOf({ status, error }: Outcome): string {
  if (status === CallStatus.CALL_REFUSED) return error === 'ECONNRESET' ? 'callee reset' : 'callee refused';
  return 'callee failed';
}

/** Whether a zone of this node has the call in hand; its request then goes on without a listener. */
export function forgetCalls(os: OsState, zone: OsZone): void {
  for (const [id, outcall] of os.outcalls) {
    const request = os.requests.get(outcall.request);
    if (request === undefined || request.zone === zone.id) os.outcalls.delete(id);
  }
}

function armDeadlines(ctx: Context, os: OsState): void {
  const at = nextDeadline(os.deadlines, os.outcalls);
  const set = ctx.timerAt('deadline');
  if (at < 0 || (set !== undefined && set <= at)) return;
  ctx.timer('deadline', at, 'tick', { name: 'deadline', number: 0 });
}
