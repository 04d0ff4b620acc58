/** Which nodes lie behind a switch or a cable. */
import type { Datacenter } from '@orrery/spec';

/** Addresses of nodes by address of switch or uplink, sorted as the datacenter is. */
export function reachOf(datacenter: Datacenter): ReadonlyMap<string, readonly string[]> {
  const reach = new Map<string, string[]>();
  for (const { address } of datacenter.switches) {
    const nodes = datacenter.nodes.filter((node) => node.nics.some((nic) => nic.switch === address));
    reach.set(
      address,
      nodes.map((node) => node.address),
    );
  }
  for (const { address, from } of datacenter.uplinks) reach.set(address, reach.get(from) ?? []);
  return reach;
}
