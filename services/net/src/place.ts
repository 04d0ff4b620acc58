/** The fabric of a datacenter: its root, its switches and its cables, all in one locality. */
import type { Placement } from '@orrery/actor';
import type { Datacenter } from '@orrery/spec';
import type { LinkInit } from './link-actor.ts';
import { makeTopology } from './model/topology.ts';
import type { SwitchInit } from './switch-actor.ts';

const LOCALITY = 'net';

export function place(datacenter: Datacenter): Placement[] {
  const topology = makeTopology(datacenter);
  const linksOf = new Map<string, string[]>(topology.places.map((address) => [address, []]));
  for (const { address, a, b } of topology.links) {
    for (const end of [a, b]) if (end >= 0) linksOf.get(topology.places[end])?.push(address);
  }
  return [
    { address: 'net', kind: 'net', locality: LOCALITY, init: topology },
    ...datacenter.switches.map((one) => {
      const init: SwitchInit = { links: (linksOf.get(one.address) ?? []).sort() };
      return { address: one.address, kind: 'switch', locality: LOCALITY, init };
    }),
    ...datacenter.uplinks.map((uplink) => link(uplink.address, { node: '', nic: '', cabled: true })),
    ...datacenter.nodes.flatMap((node) =>
      node.nics.map((nic) => {
        const init: LinkInit = { node: node.address, nic: nic.name, cabled: nic.switch !== '' };
        return link(`${node.address}/nic/${nic.name}`, init);
      }),
    ),
  ];
}

function link(address: string, init: LinkInit): Placement {
  return { address, kind: 'link', locality: LOCALITY, init };
}
