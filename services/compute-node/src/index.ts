/** compute-node: nodes, zones and what runs in them. */
import type { Placement, Service } from '@orrery/actor';
import type { Datacenter } from '@orrery/spec';
import { nodeKind } from './node/actor.ts';
import { clientKind, osKind, placeDataPlane } from './os/index.ts';
import { placeLifecycle } from './placement.ts';
import { zoneKind } from './zone/actor.ts';

export { tunables } from './os/index.ts';
export { faults, repairs } from './faults.ts';

export const service: Service = {
  name: 'compute-node',
  loose: false,
  kinds: [nodeKind, zoneKind, osKind, clientKind],
};

/** Every actor of the spec that this service owns. */
export function place(datacenter: Datacenter): Placement[] {
  return [...placeLifecycle(datacenter), ...placeDataPlane(datacenter)];
}
