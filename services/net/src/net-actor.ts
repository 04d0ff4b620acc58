/** The fabric's root, `net`: hears what links became and what flows, and announces ways to those who watch them. */
import { defineActor, type Context } from '@orrery/actor';
import { MS } from '@orrery/kernel';
import type { LinkCondition, NodePower, PathDemand, PathWatch } from '@orrery/proto';
import type { Topology } from './model/topology.ts';
import { demandKey, makeState, pairKey, type NetState, type Pair } from './state.ts';
import { findPairWay, offer, pathState, recomputeRates, recomputeWays } from './ways.ts';

/**
 * How long net gathers demands before it shares links out anew, ns. Shorter: a recomputation for each of the many
 * reports of one second; longer: rates lag behind load.
 */
const GATHER_NS = 100 * MS;
const WAYS = { name: 'ways', number: 0 };
const RATES = { name: 'rates', number: 0 };

function pathWatch(context: Context, state: NetState, message: PathWatch): void {
  const { watcher, endpoint, network } = message;
  const paths = message.peers.map((peer) => {
    const pair = pairOf(state, endpoint, peer, network);
    if (!pair.watchers.includes(watcher)) pair.watchers.push(watcher);
    state.demanded[demandKey(watcher, endpoint, peer)] ??= pairKey(endpoint, peer, network);
    return pathState(context, state, pair);
  });
  context.send(watcher, 'pathsAnnounced', { endpoint, paths });
}

function pairOf(state: NetState, endpoint: string, peer: string, network: string): Pair {
  const key = pairKey(endpoint, peer, network);
  const known = state.pairs.get(key);
  if (known !== undefined) return known;
  const pair: Pair = {
    endpoint,
    peer,
    network,
    watchers: [],
    demands: {},
    demand: 0,
    up: false,
    links: [],
    wireNs: 0,
    lossPerMillion: 0,
    carried: 0,
    offered: 0,
    bottleneck: -1,
    stale: false,
  };
  findPairWay(state, pair);
  pair.stale = true;
  offer(state, pair);
  pair.stale = false;
  state.pairs.set(key, pair);
  return pair;
}

/** A demand names no network: it is the first of the sender's ways to that peer. */
function pathDemand(context: Context, state: NetState, message: PathDemand): void {
  const { watcher, endpoint, peer, bytesPerSecond } = message;
  const pair = state.pairs.get(state.demanded[demandKey(watcher, endpoint, peer)] ?? '');
  if (pair === undefined || (pair.demands[watcher] ?? 0) === bytesPerSecond) return;
  pair.demand += bytesPerSecond - (pair.demands[watcher] ?? 0);
  if (bytesPerSecond === 0) delete pair.demands[watcher];
  else pair.demands[watcher] = bytesPerSecond;
  gather(context);
}

function gather(context: Context): void {
  if (context.timerAt('rates') === undefined) context.timer('rates', context.now + GATHER_NS, 'tick', RATES);
}

/** Links of one switch change together: their ways are found once, after the last of them. */
function linkCondition(context: Context, state: NetState, message: LinkCondition): void {
  const link: number | undefined = state.linkIndex[message.link];
  if (link === undefined) return;
  const { fabric } = state;
  if (fabric.linkUp[link] !== message.up) fabric.trees = {};
  fabric.linkUp[link] = message.up;
  fabric.linkLoss[link] = message.lossPerMillion;
  if (context.timerAt('ways') === undefined) context.timer('ways', context.now, 'tick', WAYS);
}

/** A node without power sends nothing; its links stay up, for its NICs keep standby power. Who sends to it says so itself. */
function nodePower(context: Context, state: NetState, message: NodePower): void {
  if (message.on) return;
  const node = context.addressOf(context.source);
  for (const pair of state.pairs.values()) {
    if (pair.demand === 0 || pair.endpoint !== node) continue;
    for (const watcher of Object.keys(pair.demands)) delete pair.demands[Number(watcher)];
    pair.demand = 0;
    gather(context);
  }
}

export const netKind = defineActor<NetState, Topology>({
  name: 'net',
  service: 'net',
  init: (_, topology) => makeState(topology),
  on: {
    pathWatch,
    pathDemand,
    linkCondition,
    nodePower,
    tick: (context, state, tick) =>
      tick.name === 'ways' ? recomputeWays(context, state) : recomputeRates(context, state),
  },
});
