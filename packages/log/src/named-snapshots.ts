/**
 * Where the snapshots of a log stand: each after the batch that ends where it was taken, whichever batch names it. A run in
 * parts has a snapshot only when all of its parts have saved theirs; by then the log has gone on.
 */
import type { SnapshotPointer } from '@orrery/proto';
import type { NamedSnapshot } from './log.ts';

export class NamedSnapshots {
  readonly found: NamedSnapshot[] = [];
  /** Ends of all batches so far, ns. */
  private readonly ends: number[] = [];

  /** Takes the next batch, of which there are all from the first. */
  add({ toTime, snapshot }: { toTime: number; snapshot?: SnapshotPointer | undefined }): void {
    this.ends.push(toTime);
    if (snapshot) this.found.push({ pointer: snapshot, sequence: 1 + this.firstThatEndsAt(snapshot.time) });
  }

  /** @returns its index; the last one's when none ends so late */
  private firstThatEndsAt(time: number): number {
    let low = 0;
    let high = this.ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] >= time) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
