/** A fault manager for every node of a datacenter. */
import type { Placement } from '@orrery/actor';
import type { Datacenter } from '@orrery/spec';
import type { FmdInit } from './state.ts';

export function place(datacenter: Datacenter): Placement[] {
  return datacenter.nodes.map((node) => {
    const init: FmdInit = {
      node: node.address,
      running: datacenter.start === 'running',
      pools: node.pools.map((pool) => ({
        name: pool.name,
        disks: [
          ...[...pool.vdevs, ...pool.logs].flatMap((vdev) => vdev.disks),
          ...pool.caches,
          ...pool.spares,
        ],
      })),
      dimms: node.dimms.map((dimm) => ({
        address: `${node.address}/dimm/${dimm.name}`,
        sizeBytes: dimm.sizeBytes,
      })),
    };
    return { address: `fm/${node.address}`, kind: 'fmd', locality: `fma:${node.address}`, init };
  });
}
