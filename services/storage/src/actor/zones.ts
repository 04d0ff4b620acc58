/** Which zone has which zfs_io_priority: asked once for each, by its dataset, as a zone made since may live in another process. */
import { PRIORITY_DEFAULT } from '../model/zone-scheduler.ts';
import type { PoolState } from './state.ts';

/** @param dataset of the zone, `zones/<uuid>`, or a disk of it, `zones/<uuid>-disk0` */
export function noteZone(state: PoolState, zone: number, dataset: string): void {
  if (state.zones.has(zone)) return;
  const uuid = zone === 0 ? '' : dataset.slice(dataset.indexOf('/') + 1).replace(/-disk\d+$/, '');
  state.zones.set(zone, state.priorities[uuid] ?? PRIORITY_DEFAULT);
}
