/** Recomputes ways when a link changed, and rates when demands did; tells who watches, and only what changed. */
import type { ActorId, Context } from '@orrery/actor';
import { SECOND } from '@orrery/kernel';
import type { PathState } from '@orrery/proto';
import { fairRates, linkLoads, offeredRate, type Flow } from './model/fair-rate.ts';
import { isOutside } from './model/topology.ts';
import { costOf, findWay } from './model/way.ts';
import type { NetState, Pair } from './state.ts';

/** A rate that moved by less than one part in this many is not worth a message. */
const RATE_CHANGE_PARTS = 20;
/** A link's utilization is a fact again when it moved by this much, of a million. */
const UTILIZATION_CHANGE_PPM = 10_000;
/** Rate within one node or where no link limits it, bytes a second: a memory copy. */
const LOCAL_BYTES_PER_SECOND = 5_000_000_000;

/** Finds the pair's way anew. @returns whether it can be gone now */
export function findPairWay(state: NetState, pair: Pair): boolean {
  const local = pair.endpoint === pair.peer;
  const way = local
    ? { links: [], wireNs: 0, lossPerMillion: 0 }
    : findWay(state.fabric, pair.endpoint, pair.peer, pair.network);
  const up = way !== undefined;
  const links = way?.links ?? [];
  const wireNs = way?.wireNs ?? 0;
  const lossPerMillion = way?.lossPerMillion ?? 0;
  const same = up === pair.up && wireNs === pair.wireNs && lossPerMillion === pair.lossPerMillion;
  if (!same || !sameLinks(links, pair.links)) pair.stale = true;
  pair.up = up;
  pair.links = links;
  pair.wireNs = wireNs;
  pair.lossPerMillion = lossPerMillion;
  return up;
}

function sameLinks(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((link, index) => link === b[index]);
}

/** After links changed: all ways, then all rates, then whoever is concerned hears of it. */
export function recomputeWays(context: Context, state: NetState): void {
  let lost = 0;
  let restored = 0;
  for (const pair of state.pairs.values()) {
    const before = pair.up;
    const up = findPairWay(state, pair);
    if (before && !up) lost++;
    if (!before && up) restored++;
  }
  if (lost + restored > 0) {
    context.emit('pathsChanged', { lost, restored, unreachable: cutOff(state) });
  }
  recomputeRates(context, state);
}

/** After demands changed: what each flow carries, what each could have, and what links carry. */
export function recomputeRates(context: Context, state: NetState): void {
  const active: Pair[] = [];
  for (const pair of state.pairs.values()) {
    pair.carried = 0;
    if (pair.up && pair.demand > 0 && pair.links.length > 0) active.push(pair);
  }
  const flows: Flow[] = active;
  const rates = fairRates(flows, state.capacities);
  active.forEach((pair, index) => {
    pair.carried = rates[index];
  });
  const load = linkLoads(flows, rates, state.capacities.length);
  state.carried = load.carried;
  state.highest = load.highest;
  for (const pair of state.pairs.values()) offer(state, pair);
  reportLinks(context, state);
  announceStale(context, state);
}

/** Sets the rate that the pair could have now; small changes are kept from those who watch. */
export function offer(state: NetState, pair: Pair): void {
  if (!pair.up) return;
  const { rate, link } = offeredRate(pair.links, pair.carried, state, state.capacities);
  const offered = link < 0 ? LOCAL_BYTES_PER_SECOND : rate;
  if (!pair.stale && Math.abs(offered - pair.offered) * RATE_CHANGE_PARTS <= pair.offered) return;
  pair.offered = offered;
  pair.bottleneck = link;
  pair.stale = true;
}

/** One message for each watcher and endpoint, in the order in which they came. */
function announceStale(context: Context, state: NetState): void {
  const letters = new Map<string, { watcher: ActorId; endpoint: string; paths: PathState[] }>();
  for (const pair of state.pairs.values()) {
    if (!pair.stale) continue;
    pair.stale = false;
    const path = pathState(context, state, pair);
    for (const watcher of pair.watchers) {
      const key = `${watcher}@${pair.endpoint}`;
      const letter = letters.get(key);
      if (letter === undefined) letters.set(key, { watcher, endpoint: pair.endpoint, paths: [path] });
      else letter.paths.push(path);
    }
  }
  for (const { watcher, endpoint, paths } of letters.values()) {
    context.send(watcher, 'pathsAnnounced', { endpoint, paths });
  }
}

export function pathState(context: Context, state: NetState, pair: Pair): PathState {
  const { links } = state.fabric.topology;
  return {
    peer: pair.peer,
    up: pair.up,
    latencyNs: Math.max(pair.wireNs, context.lookaheadNs),
    lossPerMillion: pair.lossPerMillion,
    rateBps: pair.up ? pair.offered * 8 : 0,
    bottleneck: pair.up && pair.bottleneck >= 0 ? links[pair.bottleneck >> 1].address : '',
    network: pair.network,
    cost: costOf(pair.wireNs, context.lookaheadNs),
  };
}

/** Endpoints none of whose watched ways can be gone, sorted; the border's side only when all is lost. */
function cutOff(state: NetState): string[] {
  const reached = new Map<string, boolean>();
  for (const pair of state.pairs.values()) {
    for (const end of [pair.endpoint, pair.peer]) {
      reached.set(end, (reached.get(end) ?? false) || pair.up);
    }
  }
  const lost = [...reached.keys()].filter((end) => reached.get(end) === false);
  const inside = lost.filter((end) => !isOutside(end));
  return (inside.length === lost.length || inside.length < reached.size ? inside : lost).sort();
}

function reportLinks(context: Context, state: NetState): void {
  const { links } = state.fabric.topology;
  for (let link = 0; link < links.length; link++) {
    const served = state.served[link];
    const forth = state.carried[2 * link];
    const back = state.carried[2 * link + 1];
    if (served.bytesPerSecond === 0 && forth + back === 0) continue;
    served.bytes += Math.floor((served.bytesPerSecond / SECOND) * (context.now - served.countedAt));
    served.countedAt = context.now;
    served.bytesPerSecond = forth + back;
    const capacity = Math.max(1, links[link].bytesPerSecond);
    const ppm = Math.floor((Math.max(forth, back) / capacity) * 1_000_000);
    const idle = forth + back === 0;
    if (!idle && Math.abs(ppm - served.reportedPpm) < UTILIZATION_CHANGE_PPM) continue;
    served.reportedPpm = ppm;
    context.emit('linkServed', {
      link: links[link].address,
      bytes: served.bytes,
      rateBps: (forth + back) * 8,
      utilizationPpm: ppm,
    });
    served.bytes = 0;
  }
}
