/**
 * I/O classes part a leaf vdev's queue: what a caller waits for goes before what nobody waits for.
 *
 * Rules.  1. A class below its minimum of active I/Os is served first, in the order of the table; then the first one below
 *            its maximum.
 *         2. The maximum of ASYNC_WRITE rises linearly with the pool's dirty data, so that a pool writes out harder the
 *            nearer it is to delaying its callers.
 * Law.    max = 3 up to 30 % dirty, 10 from 60 %, between them 3 + 7·(share − 0.3)/0.3, whole. With a sync task pending: 10.
 * Omits.  REMOVAL, INITIALIZING and TRIM: nothing here issues them.
 */
export const IoClass = { SYNC_READ: 0, SYNC_WRITE: 1, ASYNC_READ: 2, ASYNC_WRITE: 3, SCRUB: 4 } as const;
export type IoClass = (typeof IoClass)[keyof typeof IoClass];

export const CLASS_COUNT = 5;
/** Active I/Os a leaf vdev: least promised, and most allowed, by class. */
export const activeMin: readonly number[] = [10, 10, 1, 3, 1];
export const activeMax: readonly number[] = [10, 10, 3, 10, 2];
/** Active I/Os a leaf vdev of all classes. */
export const ACTIVE_TOTAL_MAX = 1000;
/** Most bytes that neighbouring I/Os are joined to. */
export const AGGREGATION_BYTES_MAX = 1_048_576;

const ASYNC_WRITE_LOW = 3;
const ASYNC_WRITE_HIGH = 10;

/** Most active ASYNC_WRITEs a leaf. @param dirtyShare of the pool's dirty limit @param taskPending a sync task waits */
export function asyncWriteMax(dirtyShare: number, taskPending: boolean): number {
  if (taskPending || dirtyShare >= 0.6) return ASYNC_WRITE_HIGH;
  if (dirtyShare <= 0.3) return ASYNC_WRITE_LOW;
  return ASYNC_WRITE_LOW + Math.floor(((ASYNC_WRITE_HIGH - ASYNC_WRITE_LOW) * (dirtyShare - 0.3)) / 0.3);
}

/**
 * Class to issue from next, or -1.
 * @param waiting queued I/Os by class
 * @param active issued I/Os by class
 */
export function nextClass(
  waiting: readonly { length: number }[],
  active: readonly number[],
  writeMax: number,
): number {
  let total = 0;
  for (let c = 0; c < CLASS_COUNT; c++) total += active[c];
  if (total >= ACTIVE_TOTAL_MAX) return -1;
  for (let c = 0; c < CLASS_COUNT; c++) if (waiting[c].length > 0 && active[c] < activeMin[c]) return c;
  for (let c = 0; c < CLASS_COUNT; c++) {
    const most = c === IoClass.ASYNC_WRITE ? writeMax : activeMax[c];
    if (waiting[c].length > 0 && active[c] < most) return c;
  }
  return -1;
}
