/**
 * vmadm's `state` is the zone's state as an operator should see it; it is not stored, it follows from the zone's
 * state and three marks.
 *
 * Rules. 1. A failed provision shows `failed`, whatever the zone does.
 *        2. `provisioning` hides every state of the zone from create until the first boot has ended.
 *        3. `installed` shows as `stopped`.
 *        4. A guest that was told to power down shows `stopping` while its zone is `running`; other zones never do.
 */
import type { Brand } from '@orrery/spec';
import type { ZoneadmState } from '../machine/zone-machine.ts';

export interface VmMarks {
  failed: boolean;
  provisioning: boolean;
  stopping: boolean;
}

export function isHvm(brand: Brand): boolean {
  return brand === 'kvm' || brand === 'bhyve';
}

export function vmState(zoneState: ZoneadmState, marks: VmMarks, hvm: boolean): string {
  if (marks.failed) return 'failed';
  if (marks.provisioning) return 'provisioning';
  if (zoneState === 'installed') return 'stopped';
  if (hvm && marks.stopping && zoneState === 'running') return 'stopping';
  return zoneState;
}
