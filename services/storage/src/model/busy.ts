/**
 * Disk utilisation is the time with at least one I/O outstanding on any disk; it is one figure for the machine, not a sum over disks.
 *
 * Why.    zfs_zone's throttle asks for it: does anybody wait for any disk?
 * Law.    The union of the intervals [issue, completion]; an interval that began in the past counts from where the union ends.
 * State.  A running total, how many are outstanding, and up to when the total is complete.
 * Omits.  Several pools of one node are counted apart.
 */
export interface DiskBusy {
  totalNs: number;
  outstanding: number;
  /** The total counts everything before this moment. */
  countedTo: number;
}

export function makeBusy(): DiskBusy {
  return { totalNs: 0, outstanding: 0, countedTo: 0 };
}

/** An I/O begins; `at` may lie in the past. */
export function beginBusy(busy: DiskBusy, at: number): void {
  if (busy.outstanding === 0) busy.countedTo = Math.max(busy.countedTo, at);
  busy.outstanding++;
}

/** An I/O that began has ended at `at`. */
export function endBusy(busy: DiskBusy, at: number): void {
  busy.outstanding--;
  if (at <= busy.countedTo) return;
  busy.totalNs += at - busy.countedTo;
  busy.countedTo = at;
}

/** The total as it will be at `at`, at least one I/O being outstanding until then. */
export function busyAt(busy: DiskBusy, at: number): number {
  return busy.totalNs + Math.max(0, at - busy.countedTo);
}
