/**
 * The fabric as a graph: switches and the border are its places, uplinks join them, and NICs hang nodes on them.
 *
 * Rules. 1. Nodes end ways, they never carry them on; the border does, for it is the core between racks as well as
 *           the way out.
 *        2. The head node sits on the border's side, on every network.
 *        3. A NIC reaches only what its tags name: two ends without a common tag do not see each other.
 *        4. Every link has two directions of the same rate; the directed link is 2 × link, + 1 from b to a.
 * Omits. Switches that lack a VLAN: every switch carries every VLAN.
 */
import type { Datacenter } from '@orrery/spec';

export const BORDER = 'border';
export const HEADNODE = 'headnode';
export const ADMIN = 'admin';

export interface Link {
  readonly address: string;
  /** Index of a place; -1 for a NIC, whose end a is its node. */
  readonly a: number;
  /** Index of a place. */
  readonly b: number;
  readonly bytesPerSecond: number;
  readonly latencyNs: number;
}

export interface Port {
  /** Index of its link. */
  readonly link: number;
  readonly tags: readonly string[];
}

export interface Topology {
  /** Addresses of the switches, sorted, then `border`. */
  readonly places: readonly string[];
  /** Time to pass each place, ns. */
  readonly placeNs: readonly number[];
  /** Uplinks first, then NICs. */
  readonly links: readonly Link[];
  readonly uplinks: number;
  /** A node's NICs that have a cable, in the spec's order. */
  readonly ports: Readonly<Record<string, readonly Port[]>>;
  /** Tag of each network by name. */
  readonly networkTags: Readonly<Record<string, string>>;
}

/**
 * Time from a zone's buffer to the wire or back, ns: driver, interrupt and cable. Too small and remote calls cost
 * nothing; too large and calls inside a rack look like calls across a city.
 */
export const NIC_LATENCY_NS = 10_000;
/** Time through the border's router, ns. */
export const BORDER_LATENCY_NS = 20_000;

export function makeTopology(datacenter: Datacenter): Topology {
  const places = [...datacenter.switches.map((one) => one.address), BORDER];
  const indexOf = new Map(places.map((place, index) => [place, index]));
  const { tunables } = datacenter;
  const nicNs = tunables['net_nic_latency_ns'] ?? NIC_LATENCY_NS;
  const links: Link[] = [];
  for (const uplink of datacenter.uplinks) {
    const a = indexOf.get(uplink.from);
    const b = indexOf.get(uplink.to);
    if (a === undefined || b === undefined) continue;
    const bytesPerSecond = Math.floor(uplink.rateBps / 8);
    links.push({ address: uplink.address, a, b, bytesPerSecond, latencyNs: uplink.latencyNs });
  }
  const uplinks = links.length;
  const ports: Record<string, Port[]> = {};
  for (const node of datacenter.nodes) {
    const own: Port[] = (ports[node.address] = []);
    for (const nic of node.nics) {
      const b = indexOf.get(nic.switch);
      if (b === undefined) continue;
      const address = `${node.address}/nic/${nic.name}`;
      own.push({ link: links.length, tags: nic.tags });
      links.push({ address, a: -1, b, bytesPerSecond: Math.floor(nic.rateBps / 8), latencyNs: nicNs });
    }
  }
  return {
    places,
    placeNs: [
      ...datacenter.switches.map((one) => one.latencyNs),
      tunables['net_border_latency_ns'] ?? BORDER_LATENCY_NS,
    ],
    links,
    uplinks,
    ports,
    networkTags: Object.fromEntries(datacenter.networks.map((network) => [network.name, network.tag])),
  };
}

/** An endpoint that is on the border's side, and so on every network. */
export function isOutside(endpoint: string): boolean {
  return endpoint === BORDER || endpoint === HEADNODE;
}

/**
 * The NIC tag that a way between two endpoints goes by: `admin`, that of the named network, or, without a name, that
 * of the first data NIC.
 * @returns '' when there is none: no way
 */
export function tagOf(topology: Topology, endpoint: string, peer: string, network: string): string {
  if (network === ADMIN) return ADMIN;
  if (network !== '') return topology.networkTags[network] ?? '';
  const ports = topology.ports[isOutside(endpoint) ? peer : endpoint] ?? [];
  for (const port of ports) for (const tag of port.tags) if (tag !== ADMIN) return tag;
  return ports.length > 0 ? ADMIN : '';
}
