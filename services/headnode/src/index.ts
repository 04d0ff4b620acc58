/** The head node: inventory, heartbeats, network boot, provisioning. Loose: met at control boundaries only. */
import type { Placement, Service } from '@orrery/actor';
import type { Datacenter } from '@orrery/spec';
import { headnodeKind } from './headnode.ts';
import { jobKind } from './job.ts';

export { candidates, type Inventory, type Server, type VmRow } from './inventory.ts';

export const service: Service = { name: 'headnode', loose: true, kinds: [headnodeKind, jobKind] };

export function place(datacenter: Datacenter): Placement[] {
  return [{ address: 'headnode', kind: 'headnode', locality: 'headnode', init: datacenter }];
}
