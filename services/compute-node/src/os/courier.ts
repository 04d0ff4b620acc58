/**
 * The courier carries calls and replies over the paths the net announced, for an os or a group of clients.
 *
 * Rules. 1. Who is not reached yet is tried again after TCP's timeouts; the wait is charged to RETRANSMIT.
 *        2. A call that nobody waits for any more, or a reply past its call's deadline, is not tried again.
 *        3. The net hears of demand once a second, when it changed by more than a fifth.
 */
import type { ActorId, Context } from '@orrery/actor';
import { addToLedger, Behind, Place, type Call, type CallReply, type Messages } from '@orrery/proto';
import { addDeadline, makeDeadlines, nextDeadline, takeDue, type Deadlines } from './model/deadlines.ts';
import { makePath, nextRto, RTO_NS, travel, type Path } from './model/path.ts';

const SECOND = 1_000_000_000;
/** Bytes a second under which a flow is not worth telling the net of: less makes it work at noise. */
const DEMAND_MIN = 65_536;
/** How long a reply to a call without deadline is tried again, ns. */
const REPLY_PATIENCE_NS = 60 * SECOND;

interface Held {
  id: number;
  peer: string;
  network: string;
  to: ActorId;
  bytes: number;
  since: number;
  rto: number;
  giveUpAt: number;
  call: Call | undefined;
  reply: CallReply | undefined;
}

export interface Courier {
  endpoint: string;
  net: ActorId;
  /** By peer, then network. */
  paths: Map<string, Map<string, Path>>;
  watched: Set<string>;
  held: Map<number, Held>;
  retries: Deadlines;
  nextId: number;
}

/** Calls that somebody still waits for. */
interface Waiting {
  has(id: number): boolean;
}

export function makeCourier(endpoint: string): Courier {
  return {
    endpoint,
    net: 0,
    paths: new Map(),
    watched: new Set(),
    held: new Map(),
    retries: makeDeadlines(),
    nextId: 1,
  };
}

/** Asks the net for the paths to `peers`, those not yet asked for. */
export function watchPeers(ctx: Context, courier: Courier, network: string, peers: readonly string[]): void {
  const fresh = peers.filter(
    (peer) => peer !== courier.endpoint && !courier.watched.has(`${network} ${peer}`),
  );
  if (fresh.length === 0) return;
  courier.net ||= ctx.lookup('net') ?? 0;
  for (const peer of fresh) courier.watched.add(`${network} ${peer}`);
  if (courier.net === 0) return;
  ctx.send(courier.net, 'pathWatch', {
    watcher: ctx.self,
    endpoint: courier.endpoint,
    peers: fresh,
    network,
  });
}

export function takePaths(courier: Courier, message: Messages['pathsAnnounced']): void {
  for (const state of message.paths) {
    let networks = courier.paths.get(state.peer);
    if (networks === undefined) courier.paths.set(state.peer, (networks = new Map()));
    networks.set(state.network, makePath(state, networks.get(state.network)));
  }
}

/** Whether every peer asked for has been heard of. */
export function pathsKnown(courier: Courier): boolean {
  let known = 0;
  for (const networks of courier.paths.values()) known += networks.size;
  return courier.net === 0 || known >= courier.watched.size;
}

function pathTo(courier: Courier, peer: string, network: string): Path | undefined {
  return courier.paths.get(peer)?.get(network);
}

/** Sends a call to the os `to` on node `peer`; `call.ledger` is filled in. */
export function sendCall(ctx: Context, courier: Courier, peer: string, to: ActorId, call: Call): void {
  const path = pathTo(courier, peer, call.network);
  if (path !== undefined && path.up) {
    const arrival = travel(path, call.requestBytes, ctx.now, ctx.stream('loss'), call.ledger);
    ctx.send(to, 'call', call, arrival);
    return;
  }
  if (path === undefined) watchPeers(ctx, courier, call.network, [peer]);
  const giveUpAt = call.deadline === 0 ? ctx.now + REPLY_PATIENCE_NS : call.deadline;
  hold(ctx, courier, { peer, network: call.network, to, bytes: call.requestBytes, giveUpAt, call });
}

/** Sends the reply to `call`, whose ledger so far sums to now − sentAt. */
export function sendReply(ctx: Context, courier: Courier, call: Call, bytes: number, reply: CallReply): void {
  const { callerEndpoint: peer, network, caller: to } = call;
  const path = pathTo(courier, peer, network);
  if (path !== undefined && path.up) {
    const arrival = travel(path, bytes, ctx.now, ctx.stream('loss'), reply.ledger);
    ctx.send(to, 'callReply', reply, arrival);
    return;
  }
  if (path === undefined) watchPeers(ctx, courier, network, [peer]);
  const giveUpAt = call.deadline === 0 ? ctx.now + REPLY_PATIENCE_NS : call.deadline;
  hold(ctx, courier, { peer, network, to, bytes, giveUpAt, reply });
}

type Outgoing = Pick<Held, 'peer' | 'network' | 'to' | 'bytes' | 'giveUpAt'> & {
  call?: Call;
  reply?: CallReply;
};

function hold(ctx: Context, courier: Courier, out: Outgoing): void {
  const id = courier.nextId++;
  courier.held.set(id, {
    id,
    peer: out.peer,
    network: out.network,
    to: out.to,
    bytes: out.bytes,
    since: ctx.now,
    rto: RTO_NS,
    giveUpAt: out.giveUpAt,
    call: out.call,
    reply: out.reply,
  });
  addDeadline(courier.retries, ctx.now + RTO_NS, id);
  armRetries(ctx, courier);
}

/** Tries again what is due. @param waiting call ids that are still awaited */
export function retryHeld(ctx: Context, courier: Courier, waiting: Waiting): void {
  for (let id = takeDue(courier.retries, courier.held, ctx.now); id >= 0;) {
    const held = courier.held.get(id)!;
    const path = pathTo(courier, held.peer, held.network);
    const wanted = ctx.now < held.giveUpAt && (held.call === undefined || waiting.has(held.call.id));
    if (!wanted) courier.held.delete(id);
    else if (path !== undefined && path.up) {
      courier.held.delete(id);
      release(ctx, held, path);
    } else {
      held.rto = nextRto(held.rto);
      // Taken out and put in again under a new number, since the heap wants rising ones.
      courier.held.delete(id);
      held.id = courier.nextId++;
      courier.held.set(held.id, held);
      addDeadline(courier.retries, ctx.now + held.rto, held.id);
    }
    id = takeDue(courier.retries, courier.held, ctx.now);
  }
  armRetries(ctx, courier);
}

function release(ctx: Context, held: Held, path: Path): void {
  const ledger = (held.call ?? held.reply)!.ledger;
  addToLedger(ledger, Place.RETRANSMIT, ctx.now - held.since, Behind.RETRY);
  const arrival = travel(path, held.bytes, ctx.now, ctx.stream('loss'), ledger);
  if (held.call !== undefined) ctx.send(held.to, 'call', held.call, arrival);
  else if (held.reply !== undefined) ctx.send(held.to, 'callReply', held.reply, arrival);
}

function armRetries(ctx: Context, courier: Courier): void {
  const at = nextDeadline(courier.retries, courier.held);
  if (at >= 0) ctx.timer('retry', at, 'tick', { name: 'retry', number: 0 });
}

/** Forgets what waits to be sent. */
export function dropHeld(ctx: Context, courier: Courier): void {
  courier.held.clear();
  courier.retries = makeDeadlines();
  ctx.cancel('retry');
}

/** Tells the net of demand that changed in the second just over. @returns whether any flow has demand */
export function reportDemand(ctx: Context, courier: Courier): boolean {
  let any = false;
  for (const [peer, networks] of courier.paths) {
    let first: Path | undefined;
    let bytes = 0;
    // A demand names a peer, not a network: all ways to it together.
    for (const path of networks.values()) {
      first ??= path;
      bytes += path.bytes;
      path.bytes = 0;
    }
    if (first === undefined) continue;
    const demand = bytes < DEMAND_MIN ? 0 : bytes;
    if (demand > 0) any = true;
    if (Math.abs(demand - first.demand) * 5 <= first.demand) continue;
    first.demand = demand;
    const { endpoint } = courier;
    ctx.send(courier.net, 'pathDemand', { watcher: ctx.self, endpoint, peer, bytesPerSecond: demand });
  }
  return any;
}
