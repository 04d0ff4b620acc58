/** What the fabric's root keeps: its links, who watches which way, and what flows. */
import type { ActorId } from '@orrery/actor';
import { makeFabric, type Fabric } from './model/way.ts';
import type { Topology } from './model/topology.ts';

/** A watched way; all who watch the same one share it. */
export interface Pair {
  readonly endpoint: string;
  readonly peer: string;
  /** As asked for; '' is the first data NIC. */
  readonly network: string;
  /** Who hears of it, in the order in which they asked. */
  readonly watchers: ActorId[];
  /** What each watcher sends, bytes a second. */
  readonly demands: Record<ActorId, number>;
  /** Sum of `demands`. */
  demand: number;
  up: boolean;
  /** Directed links. */
  links: readonly number[];
  wireNs: number;
  lossPerMillion: number;
  /** What it carries now, bytes a second. */
  carried: number;
  /** What was announced last, bytes a second. */
  offered: number;
  /** Directed link that sets `offered`; -1 for none. */
  bottleneck: number;
  /** Whether what was announced last is no longer true. */
  stale: boolean;
}

/** What a link has carried since its last fact. */
export interface Served {
  /** When it was last added up, ns. */
  countedAt: number;
  bytes: number;
  bytesPerSecond: number;
  /** Utilization of its busier direction, of a million, as last reported. */
  reportedPpm: number;
}

export interface NetState {
  readonly fabric: Fabric;
  /** Index of a link by its address. */
  readonly linkIndex: Record<string, number>;
  /** By `endpoint>peer@network`, in the order of first watching. */
  readonly pairs: Map<string, Pair>;
  /** Which pair a demand is for, by `watcher:endpoint>peer`: the first that was watched. */
  readonly demanded: Record<string, string>;
  /** Load of each directed link, and its largest flow, bytes a second. */
  carried: number[];
  highest: number[];
  capacities: number[];
  readonly served: Served[];
}

export function makeState(topology: Topology): NetState {
  const directed = topology.links.length * 2;
  return {
    fabric: makeFabric(topology),
    linkIndex: Object.fromEntries(topology.links.map((link, index) => [link.address, index])),
    pairs: new Map(),
    demanded: {},
    carried: new Array<number>(directed).fill(0),
    highest: new Array<number>(directed).fill(0),
    capacities: topology.links.flatMap((link) => [link.bytesPerSecond, link.bytesPerSecond]),
    served: topology.links.map(() => ({ countedAt: 0, bytes: 0, bytesPerSecond: 0, reportedPpm: 0 })),
  };
}

export function demandKey(watcher: ActorId, endpoint: string, peer: string): string {
  return `${watcher}:${endpoint}>${peer}`;
}

export function pairKey(endpoint: string, peer: string, network: string): string {
  return `${endpoint}>${peer}@${network}`;
}
