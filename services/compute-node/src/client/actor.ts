/**
 * A group of clients outside the border: they ask, wait, try again, and tell once a second what they saw. Of a node that is
 * down they see nothing but their own timeouts.
 */
import { defineActor, type Context } from '@orrery/actor';
import {
  addToLedger,
  Behind,
  CallStatus,
  ledgerTotal,
  mergeLedger,
  Place,
  type Messages,
} from '@orrery/proto';
import { makeCourier, retryHeld, sendCall, takePaths, watchPeers } from '../os/courier.ts';
import { addDeadline, makeDeadlines, nextDeadline, takeDue } from '../os/model/deadlines.ts';
import { BORDER } from '../os/place.ts';
import { showCall, type Ledger } from '../os/show-call.ts';
import { armThinking, beginArrivals, nextArrival, takeThoughtful, think } from './arrivals.ts';
import { countEnd, countOf, reportTick } from './report.ts';
import type { Asked, ClientConfig, ClientState } from './state.ts';

function begin(ctx: Context, client: ClientState): void {
  for (const target of client.config.call.targets)
    if (target.node !== '') watchPeers(ctx, client.courier, target.network, [target.node]);
  beginArrivals(ctx, client);
}

/** A new request arrives. */
function ask(ctx: Context, client: ClientState): void {
  if (ctx.now >= client.config.stopAt) return;
  tryOnce(ctx, client, {
    id: 0,
    target: 0,
    tries: 0,
    key: ctx.newKey(),
    call: 0,
    startedAt: ctx.now,
    sentAt: ctx.now,
    ledger: [],
  });
}

function tryOnce(ctx: Context, client: ClientState, asked: Asked): void {
  const { call } = client.config;
  asked.id = client.nextId++;
  asked.target = call.turn++ % call.targets.length;
  asked.tries++;
  asked.sentAt = ctx.now;
  asked.call = ctx.newKey();
  client.asked.set(asked.id, asked);
  const deadline = ctx.now + call.timeoutNs;
  addDeadline(client.deadlines, deadline, asked.id);
  armDeadlines(ctx, client);
  const target = call.targets[asked.target];
  const to = ctx.lookup(target.os);
  // Nobody has that address yet: only the timeout will tell.
  if (to === undefined) return;
  sendCall(ctx, client.courier, target.node, to, {
    id: asked.id,
    caller: ctx.self,
    callerEndpoint: BORDER,
    zoneUuid: target.uuid,
    program: call.program,
    root: asked.key,
    parentSpan: asked.call,
    sentAt: ctx.now,
    requestBytes: call.requestBytes,
    ledger: [],
    deadline,
    network: target.network,
  });
}

function replied(ctx: Context, client: ClientState, message: Messages['callReply']): void {
  client.heardAt.set(ctx.source, ctx.now);
  const asked = client.asked.get(message.id);
  if (asked === undefined) return;
  client.asked.delete(message.id);
  const took = ctx.now - asked.sentAt;
  if (ledgerTotal(message.ledger) !== took)
    throw new RangeError(
      `call ${asked.id} took ${took} ns, but its ledger sums to ${ledgerTotal(message.ledger)}`,
    );
  mergeLedger(asked.ledger, message.ledger);
  if (ctx.tracing) showTry(ctx, client, asked, message.error, message.ledger);
  if (message.status === CallStatus.CALL_REFUSED) countOf(ctx, client, asked.target).refused++;
  conclude(ctx, client, asked, message.status === CallStatus.CALL_OK ? '' : message.error || 'error');
}

function deadlineTick(ctx: Context, client: ClientState): void {
  for (let id = takeDue(client.deadlines, client.asked, ctx.now); id >= 0;) {
    const asked = client.asked.get(id)!;
    client.asked.delete(id);
    const os = ctx.lookup(client.config.call.targets[asked.target].os) ?? 0;
    // Who heard nothing at all of a node cannot tell a dead one from a lost packet.
    const heard = (client.heardAt.get(os) ?? -1) >= asked.sentAt;
    const waited = { place: heard ? Place.TIMEOUT : Place.LOST, ns: ctx.now - asked.sentAt };
    addToLedger(asked.ledger, waited.place, waited.ns);
    if (ctx.tracing)
      showTry(ctx, client, asked, 'ETIMEDOUT', [{ ...waited, behind: Behind.ITSELF, zone: 0 }]);
    countOf(ctx, client, asked.target).timeouts++;
    conclude(ctx, client, asked, 'ETIMEDOUT');
    id = takeDue(client.deadlines, client.asked, ctx.now);
  }
  armDeadlines(ctx, client);
}

/** After a try: done, or another one. */
function conclude(ctx: Context, client: ClientState, asked: Asked, error: string): void {
  if (error !== '' && asked.tries <= client.config.call.retries) {
    countOf(ctx, client, asked.target).retries++;
    tryOnce(ctx, client, asked);
    return;
  }
  countEnd(ctx, client, asked, error);
  if (ctx.tracing) show(ctx, client, asked, error);
  if (client.config.clients === 0) return;
  think(ctx, client, ctx.now);
  armThinking(ctx, client);
}

/** A try as the network saw it: from its request's first byte to its answer's last, or to the end of the caller's patience. */
function showTry(ctx: Context, client: ClientState, asked: Asked, error: string, ledger: Ledger): void {
  const { alias } = client.config.call.targets[asked.target];
  const { key, call, sentAt } = asked;
  showCall(ctx, { trace: key, key: call, parent: key, sentAt, from: ctx.address, to: alias, error, ledger });
}

function show(ctx: Context, client: ClientState, asked: Asked, error: string): void {
  const { call } = client.config;
  ctx.span({
    name: call.program,
    trace: asked.key,
    key: asked.key,
    parent: 0,
    start: asked.startedAt,
    end: ctx.now,
    ...(error === '' ? {} : { error }),
    attributes: {
      'service.name': ctx.address,
      'smartos.target': call.targets[asked.target].alias,
      'smartos.tries': asked.tries,
    },
    ledger: asked.ledger,
  });
}

function armDeadlines(ctx: Context, client: ClientState): void {
  const at = nextDeadline(client.deadlines, client.asked);
  const set = ctx.timerAt('deadline');
  if (at < 0 || (set !== undefined && set <= at)) return;
  ctx.timer('deadline', at, 'tick', { name: 'deadline', number: 0 });
}

function tick(ctx: Context, client: ClientState, { name }: Messages['tick']): void {
  if (name === 'arrival') {
    ask(ctx, client);
    nextArrival(ctx, client);
  } else if (name === 'deadline') deadlineTick(ctx, client);
  else if (name === 'think') {
    for (let count = takeThoughtful(ctx, client); count > 0; count--) ask(ctx, client);
    armThinking(ctx, client);
  } else if (name === 'retry') retryHeld(ctx, client.courier, client.asked);
  else if (name === 'report') reportTick(ctx, client);
  else if (name === 'open') nextArrival(ctx, client);
  else begin(ctx, client);
}

export const clientKind = defineActor<ClientState, ClientConfig>({
  name: 'client',
  service: 'compute-node',
  init: (ctx, config) => {
    ctx.timer('begin', 0, 'tick', { name: 'begin', number: 0 });
    return {
      // The plan counts whose turn it is: each group has its own.
      config: { ...config, call: { ...config.call } },
      courier: makeCourier(BORDER),
      begun: false,
      nextId: 1,
      asked: new Map(),
      deadlines: makeDeadlines(),
      thinking: makeDeadlines(),
      thinkers: new Set(),
      heardAt: new Map(),
      counts: config.call.targets.map(() => undefined),
      reporting: false,
    };
  },
  on: {
    tick,
    callReply: replied,
    pathsAnnounced: (ctx, client, message) => {
      takePaths(client.courier, message);
      beginArrivals(ctx, client);
    },
  },
});
