/**
 * The way between two endpoints: which NICs it takes, what it costs, what it loses.
 *
 * Rules. 1. Each end may use every NIC of its that is up and has the tag; of all pairs the cheapest way wins, then the
 *           first NICs. So a node with two NICs survives the loss of one switch.
 *        2. The latency is at least lookahead; what was added is charged to LOOKAHEAD, the rest to WIRE.
 */
import { addToLedger, Place, type LedgerEntry } from '@orrery/proto';
import { combinedLoss } from './loss.ts';
import { linksTo, routesFrom, type Tree } from './routes.ts';
import { isOutside, tagOf, type Topology } from './topology.ts';

export interface Fabric {
  readonly topology: Topology;
  /** By link. */
  readonly linkUp: boolean[];
  /** Packets lost of a million, by link. */
  readonly linkLoss: number[];
  /** Trees by root, until a link changes. */
  trees: Record<number, Tree>;
}

export interface Way {
  /** Directed links in order. */
  readonly links: readonly number[];
  /** One way, before it is rounded up to lookahead. */
  readonly wireNs: number;
  readonly lossPerMillion: number;
}

/** An end of a way: the place it hangs on and the link that it hangs by; -1 for none. */
interface End {
  readonly place: number;
  readonly link: number;
}

export function makeFabric(topology: Topology): Fabric {
  return {
    topology,
    linkUp: topology.links.map(() => true),
    linkLoss: topology.links.map(() => 0),
    trees: {},
  };
}

/** @returns undefined when there is no way */
export function findWay(fabric: Fabric, endpoint: string, peer: string, network: string): Way | undefined {
  const { topology } = fabric;
  const tag = tagOf(topology, endpoint, peer, network);
  if (tag === '') return undefined;
  const targets = endsOf(fabric, peer, tag);
  let best: { from: End; to: End; costNs: number } | undefined;
  for (const from of endsOf(fabric, endpoint, tag)) {
    const tree = treeFrom(fabric, from.place);
    for (const to of targets) {
      if (tree.costNs[to.place] < 0) continue;
      const costNs = tree.costNs[to.place] + linkNs(topology, from.link) + linkNs(topology, to.link);
      if (best === undefined || costNs < best.costNs) best = { from, to, costNs };
    }
  }
  if (best === undefined) return undefined;
  const links = linksTo(topology, treeFrom(fabric, best.from.place), best.to.place);
  if (best.from.link >= 0) links.unshift(2 * best.from.link);
  if (best.to.link >= 0) links.push(2 * best.to.link + 1);
  const losses = links.map((directed) => fabric.linkLoss[directed >> 1]);
  return { links, wireNs: best.costNs, lossPerMillion: combinedLoss(losses) };
}

/** How a way's latency splits, with what rounding up to lookahead adds. */
export function costOf(wireNs: number, lookaheadNs: number): LedgerEntry[] {
  const cost: LedgerEntry[] = [];
  addToLedger(cost, Place.WIRE, wireNs);
  addToLedger(cost, Place.LOOKAHEAD, Math.max(0, lookaheadNs - wireNs));
  return cost;
}

function endsOf(fabric: Fabric, endpoint: string, tag: string): End[] {
  const { topology, linkUp } = fabric;
  if (isOutside(endpoint)) return [{ place: topology.places.length - 1, link: -1 }];
  const ends: End[] = [];
  for (const port of topology.ports[endpoint] ?? []) {
    if (linkUp[port.link] && port.tags.includes(tag)) {
      ends.push({ place: topology.links[port.link].b, link: port.link });
    }
  }
  return ends;
}

function treeFrom(fabric: Fabric, place: number): Tree {
  return (fabric.trees[place] ??= routesFrom(fabric.topology, fabric.linkUp, place));
}

function linkNs(topology: Topology, link: number): number {
  return link < 0 ? 0 : topology.links[link].latencyNs;
}
