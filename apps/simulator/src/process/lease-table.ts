/** Who is there, by the leases heard lately. Broker and clocks may delay them: it is a hint, and nothing rests on it. */
import type { Lease } from '@orrery/proto';

/** A lease that is not said again for so long is gone, ms. */
const GONE_MS = 5000;

export interface HeardLease extends Lease {
  /** Since when it has been said without a gap, ms. */
  ageMs: number;
}

export class LeaseTable {
  private readonly heard = new Map<string, { lease: Lease; firstMs: number; lastMs: number }>();

  /** @param nowMs of any clock that only goes forward */
  hear(lease: Lease, nowMs: number): void {
    const known = this.heard.get(lease.replica);
    const goesOn = known !== undefined && nowMs - known.lastMs < GONE_MS;
    this.heard.set(lease.replica, { lease, firstMs: goesOn ? known.firstMs : nowMs, lastMs: nowMs });
  }

  /** Those that are there, by name. */
  live(nowMs: number): HeardLease[] {
    for (const [replica, { lastMs }] of this.heard) if (nowMs - lastMs >= GONE_MS) this.heard.delete(replica);
    return [...this.heard.values()]
      .map(({ lease, firstMs }) => ({ ...lease, ageMs: nowMs - firstMs }))
      .sort((a, b) => (a.replica < b.replica ? -1 : 1));
  }
}
