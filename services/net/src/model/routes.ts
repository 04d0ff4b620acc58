/**
 * The shortest ways between places of the fabric, by time and then by number of links; they do not balance load.
 *
 * Law.   Cost of a way = Σ latency of its links + Σ time through each place on it, both ends included; Dijkstra.
 *        Of equal ways the one with fewer links wins, then the one whose link has the lower index.
 * State. One tree for each place asked for, kept until a link changes.
 * Omits. Equal-cost multipath: two equal uplinks carry nothing together until one fails.
 */
import type { Topology } from './topology.ts';

/** Ways from one place to every other. */
export interface Tree {
  /** ns, from the first place's own passage to the last's; -1: no way. */
  readonly costNs: number[];
  /** Directed link by which each place is entered; -1 at the root and where there is no way. */
  readonly entry: number[];
}

interface Search extends Tree {
  readonly hops: number[];
  readonly done: boolean[];
}

export function routesFrom(topology: Topology, linkUp: readonly boolean[], root: number): Tree {
  const count = topology.places.length;
  const search: Search = {
    costNs: new Array<number>(count).fill(-1),
    entry: new Array<number>(count).fill(-1),
    hops: new Array<number>(count).fill(0),
    done: new Array<boolean>(count).fill(false),
  };
  search.costNs[root] = topology.placeNs[root];
  for (let place = nearest(search); place >= 0; place = nearest(search)) {
    search.done[place] = true;
    for (let link = 0; link < topology.uplinks; link++) {
      const { a, b } = topology.links[link];
      if (!linkUp[link]) continue;
      if (a === place) reach(topology, search, place, b, 2 * link);
      else if (b === place) reach(topology, search, place, a, 2 * link + 1);
    }
  }
  return { costNs: search.costNs, entry: search.entry };
}

function nearest(search: Search): number {
  let best = -1;
  for (let place = 0; place < search.costNs.length; place++) {
    if (search.done[place] || search.costNs[place] < 0) continue;
    if (
      best < 0 ||
      isShorter(search.costNs[place], search.hops[place], search.costNs[best], search.hops[best])
    ) {
      best = place;
    }
  }
  return best;
}

function reach(topology: Topology, search: Search, from: number, to: number, directed: number): void {
  if (search.done[to]) return;
  const cost = search.costNs[from] + topology.links[directed >> 1].latencyNs + topology.placeNs[to];
  const hops = search.hops[from] + 1;
  if (search.costNs[to] >= 0 && !isShorter(cost, hops, search.costNs[to], search.hops[to])) return;
  search.costNs[to] = cost;
  search.hops[to] = hops;
  search.entry[to] = directed;
}

function isShorter(cost: number, hops: number, thanCost: number, thanHops: number): boolean {
  return cost < thanCost || (cost === thanCost && hops < thanHops);
}

/** Directed links from the tree's root to `place`, in order. */
export function linksTo(topology: Topology, tree: Tree, place: number): number[] {
  const links: number[] = [];
  for (let entry = tree.entry[place]; entry >= 0; entry = tree.entry[place]) {
    links.push(entry);
    const link = topology.links[entry >> 1];
    place = entry % 2 === 0 ? link.a : link.b;
  }
  return links.reverse();
}
