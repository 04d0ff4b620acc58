/** Disks, vdevs, pools, datasets: everything of a node that outlives its power. */
import type { Service } from '@orrery/actor';
import { diskKind } from './actor/disk.ts';
import { poolKind } from './actor/pool.ts';

export const service: Service = { name: 'storage', loose: false, kinds: [poolKind, diskKind] };
export { place } from './place.ts';
export { faults, repairs } from './faults.ts';
export { zpoolStatus, type PoolPicture, type RowPicture } from './model/status.ts';
export type { ScanPicture } from './model/scan-text.ts';
export { poolPicture } from './actor/picture.ts';
export type { PoolState } from './actor/state.ts';
