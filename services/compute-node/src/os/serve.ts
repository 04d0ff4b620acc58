/** Serving: a zone's queue and workers, and how an answer goes back. */
import type { Context } from '@orrery/actor';
import { addToLedger, CallStatus, mergeLedger, Place, type Call, type LedgerEntry } from '@orrery/proto';
import { sendReply } from './courier.ts';
import { countFailure, touch } from './report.ts';
import { charge, makeReady, makeRequest } from './request.ts';
import { Phase, type Origin, type OsState, type OsZone, type Request } from './state.ts';

/** A refusal is a bare reset, bytes. */
const RESET_BYTES = 60;

/** A call from another node or from outside. Without a zone there is no IP stack to refuse it: only its caller's patience ends. */
export function incoming(ctx: Context, os: OsState, call: Call): void {
  const zone = os.byUuid.get(call.zoneUuid);
  const origin = { kind: 'call', call } as const;
  if (zone === undefined || !zone.reachable) return;
  const refused = accept(ctx, os, zone, call.program, origin, call.root, call.parentSpan);
  if (refused !== '') reply(ctx, os, call, RESET_BYTES, CallStatus.CALL_REFUSED, refused, []);
}

/** Takes a request into a zone. @returns why not; '' when it is in */
export function accept(
  ctx: Context,
  os: OsState,
  zone: OsZone,
  programName: string,
  origin: Origin,
  root: number,
  parentSpan: number,
): string {
  const program = os.config.programs[programName];
  const full = zone.busy >= zone.workers && zone.waiting.length >= zone.backlog;
  if (!zone.serving || full || program === undefined) {
    const count = touch(ctx, os, zone);
    count.refused++;
    countFailure(count, !zone.serving ? 'not listening' : full ? 'backlog full' : 'no such program');
    return 'ECONNREFUSED';
  }
  const { name, steps, replyBytes } = program;
  const request = makeRequest(ctx, os, { zone, name, steps, replyBytes, origin, root, parentSpan });
  touch(ctx, os, zone);
  if (zone.busy >= zone.workers) {
    request.phase = Phase.queued;
    zone.waiting.push(request.id);
  } else {
    zone.busy++;
    makeReady(os, request);
  }
  return '';
}

/** A worker is free: the oldest that waits is next. */
export function freeWorker(ctx: Context, os: OsState, zone: OsZone): void {
  zone.busy--;
  const next = zone.waiting.shift();
  if (next === undefined) return;
  const request = os.requests.get(next)!;
  charge(request, ctx.now, Place.WORKER_POOL);
  zone.busy++;
  makeReady(os, request);
}

/** Sends a call's answer; `served` sums to now − the call's arrival. */
export function reply(
  ctx: Context,
  os: OsState,
  call: Call,
  bytes: number,
  status: CallStatus,
  error: string,
  served: readonly LedgerEntry[],
): void {
  const ledger: LedgerEntry[] = [];
  for (const entry of call.ledger) addToLedger(ledger, entry.place, entry.ns, entry.behind, entry.zone);
  mergeLedger(ledger, served);
  sendReply(ctx, os.courier, call, bytes, { id: call.id, status, ledger, faultTouched: 0, error });
}

/** Shows what a request did, as one span. */
export function showRequest(ctx: Context, os: OsState, request: Request): void {
  const zone = os.zones.get(request.zone)!;
  ctx.span({
    name: request.name,
    trace: request.root,
    key: request.key,
    parent: request.parentSpan,
    start: request.arrivedAt,
    end: ctx.now,
    ...(request.error === '' ? {} : { error: request.error }),
    attributes: {
      'service.name': os.config.traits[zone.uuid]?.alias ?? zone.uuid,
      'host.name': os.config.node,
      'smartos.zone': zone.uuid,
    },
    ledger: request.ledger,
  });
}
