/** A small fabric under test, and nodes and clients that only write down what they hear. */
import { createHost, defineActor, type Host, type Service } from '@orrery/actor';
import { US } from '@orrery/kernel';
import type { FactKind, Facts, Messages, Param, PathState } from '@orrery/proto';
import type { Datacenter, Nic } from '@orrery/spec';
import { place, service } from './index.ts';

interface Heard {
  paths: { at: number; endpoint: string; path: PathState }[];
  nics: { at: number; nic: string; up: boolean }[];
}

const listener = defineActor<Heard, unknown>({
  name: 'listener',
  service: 'compute-node',
  init: () => ({ paths: [], nics: [] }),
  on: {
    pathsAnnounced: (context, state, { endpoint, paths }) => {
      for (const path of paths) state.paths.push({ at: context.now, endpoint, path });
    },
    tick: (context) => {
      const net = context.lookup('net');
      if (net !== undefined) context.send(net, 'nodePower', { on: false, reason: 'power' });
    },
    nicState: (context, state, message) => void state.nics.push({ at: context.now, ...message }),
  },
});

const doubles: Service = { name: 'compute-node', loose: false, kinds: [listener] };

export const LOOKAHEAD = 250 * US;
export const GBPS = 1_000_000_000;

export function nic(name: string, to: string, tags = ['admin', 'external'], rateBps = 10 * GBPS): Nic {
  return { name, mac: '', switch: to, rateBps, tags };
}

export interface FabricSpec {
  nodes: Record<string, Nic[]>;
  switches: string[];
  /** Name, from, to, ns, bits a second. */
  uplinks: [string, string, string, number?, number?][];
  tunables?: Record<string, number>;
}

export function datacenterOf(spec: FabricSpec): Datacenter {
  const network = {
    uuid: '',
    subnet: '',
    gateway: '',
    mtu: 1500,
    provisionStart: '',
    provisionEnd: '',
    resolvers: [],
  };
  return {
    nodes: Object.keys(spec.nodes)
      .sort()
      .map((address) => ({ address, nics: spec.nodes[address] })),
    switches: spec.switches.map((name) => ({ address: `switch/${name}`, name, latencyNs: US })),
    uplinks: spec.uplinks.map(([name, from, to, latencyNs = 50 * US, rateBps = 40 * GBPS]) => ({
      address: `uplink/${name}`,
      name,
      from: `switch/${from}`,
      to: to === 'border' ? to : `switch/${to}`,
      latencyNs,
      rateBps,
    })),
    networks: [
      { ...network, name: 'external', tag: 'external', vlan: 0 },
      { ...network, name: 'storage', tag: 'storage', vlan: 20 },
    ],
    tunables: spec.tunables ?? {},
  } as unknown as Datacenter;
}

/** Two racks of two nodes each, one switch a rack, an uplink from each to the border. */
export const TWO_RACKS: FabricSpec = {
  nodes: {
    'cn-0001': [nic('ixgbe0', 'switch/tor-1')],
    'cn-0002': [nic('ixgbe0', 'switch/tor-1')],
    'cn-0003': [nic('ixgbe0', 'switch/tor-2')],
    'cn-0004': [nic('ixgbe0', 'switch/tor-2')],
  },
  switches: ['tor-1', 'tor-2'],
  uplinks: [
    ['tor-1', 'tor-1', 'border'],
    ['tor-2', 'tor-2', 'border'],
  ],
};

export function makeFabricHost(spec: FabricSpec, clients: string[] = ['client/web']): Host {
  const listeners = [...Object.keys(spec.nodes), ...clients].map((address) => ({
    address,
    kind: 'listener',
    locality: `compute:${address}`,
    init: {},
  }));
  return createHost({
    seed: 1,
    services: [service, doubles],
    placements: [...place(datacenterOf(spec)), ...listeners],
    rules: { lookaheadNs: LOOKAHEAD, controlWindowNs: 50_000_000 },
    wire: true,
  });
}

export function watch(
  host: Host,
  watcher: string,
  endpoint: string,
  peers: string[],
  network = '',
  at = host.now,
): void {
  host.post('net', 'pathWatch', { watcher: host.idOf(watcher), endpoint, peers, network }, at);
}

export function demand(
  host: Host,
  watcher: string,
  endpoint: string,
  peer: string,
  bps: number,
  at: number,
): void {
  const message = { watcher: host.idOf(watcher), endpoint, peer, bytesPerSecond: Math.floor(bps / 8) };
  host.post('net', 'pathDemand', message, at);
}

export function inject(
  host: Host,
  id: string,
  kind: string,
  target: string,
  at: number,
  params: Param[] = [],
): void {
  const message: Messages['injectFault'] = { faultId: id, kind, part: '', params, askedBy: 'test' };
  host.post(target, 'injectFault', message, at);
}

export function revert(host: Host, id: string, kind: string, target: string, at: number): void {
  host.post(target, 'revertFault', { faultId: id, kind, part: '', askedBy: 'test' }, at);
}

export function share(value: number): Param {
  return { name: 'share', number: value, text: '' };
}

export function period(ns: number): Param {
  return { name: 'period', number: ns, text: '' };
}

/** The node loses its power. */
export function powerOff(host: Host, node: string, at: number): void {
  host.post(node, 'tick', { name: 'off', number: 0 }, at);
}

/** Latest announcement to a watcher about a peer. */
export function pathOf(host: Host, watcher: string, peer: string): PathState | undefined {
  return host.stateOf<Heard>(watcher).paths.findLast(({ path }) => path.peer === peer)?.path;
}

export function heardBy(host: Host, watcher: string): Heard {
  return host.stateOf<Heard>(watcher);
}

export function factsOf<K extends FactKind>(host: Host, kind: K): { time: number; payload: Facts[K] }[] {
  return host.facts
    .filter((fact) => fact.kind === kind)
    .map((fact) => ({ time: fact.time, payload: fact.payload as Facts[K] }));
}
