/** Which zone has which zfs_io_priority: asked once for each, by its address. */
import type { Context } from '@orrery/actor';
import { PRIORITY_DEFAULT } from '../model/zone-scheduler.ts';
import type { PoolState } from './state.ts';

export function noteZone(context: Context, state: PoolState, zone: number): void {
  if (state.zones.has(zone)) return;
  const address = zone === 0 ? '' : context.addressOf(zone);
  const uuid = address.slice(address.lastIndexOf('/') + 1);
  state.zones.set(zone, state.priorities[uuid] ?? PRIORITY_DEFAULT);
}
