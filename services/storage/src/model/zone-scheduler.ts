/**
 * The zone scheduler picks whose I/O leaves a full sync queue next; it never reserves bandwidth and does nothing while the
 * queue is short.
 *
 * Why.       One zone with many threads would fill a FIFO and starve the others.
 * Intuition. The fewer a zone has queued, and the longer it was passed over, the sooner it is its turn.
 * Rules.     1. Below `SCHEDULE_DEPTH` queued I/Os: first in, first out.
 *            2. From there on the zone with the highest priority is served, its oldest I/O first, even from mid-queue.
 * Law.       priority = (10 · queued / queued of the zone) · zfs_io_priority · weight.
 * State.     A weight a zone, raised by 1 a pass up to `WEIGHT_MAX`, dropped when it has nothing queued, 0 after it was
 *            served.
 */

export const SCHEDULE_DEPTH = 10;
const WEIGHT_MAX = 20;

/**
 * Index of the I/O to issue next.
 * @param waiting oldest first
 * @param weights of this queue, changed in place
 * @param priorities zfs_io_priority by zone's actor id; absent: `PRIORITY_DEFAULT`
 */
export function pickZone(
  waiting: readonly { zone: number }[],
  weights: Map<number, number>,
  priorities: ReadonlyMap<number, number>,
): number {
  const depth = waiting.length;
  if (depth < SCHEDULE_DEPTH) return 0;
  const queued = new Map<number, number>();
  for (let i = 0; i < depth; i++) {
    const zone = waiting[i].zone;
    queued.set(zone, (queued.get(zone) ?? 0) + 1);
  }
  for (const zone of [...weights.keys()]) if (!queued.has(zone)) weights.delete(zone);
  let best = waiting[0].zone;
  let bestPriority = -1;
  for (const [zone, count] of queued) {
    const weight = Math.min(WEIGHT_MAX, (weights.get(zone) ?? 0) + 1);
    weights.set(zone, weight);
    const priority = Math.floor((10 * depth) / count) * (priorities.get(zone) ?? PRIORITY_DEFAULT) * weight;
    if (priority > bestPriority) {
      best = zone;
      bestPriority = priority;
    }
  }
  weights.set(best, 0);
  for (let i = 0; i < depth; i++) if (waiting[i].zone === best) return i;
  return 0;
}

/** As vmadm gives it to a zone without one. */
export const PRIORITY_DEFAULT = 100;
