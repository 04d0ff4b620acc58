/** When a replica that is asked to go may go. */

/** It waits no longer for others to take its shards, ms; a supervisor that stops it should wait longer. */
export const HAND_OVER_MS_MAX = 8000;
/** It waits no longer until all it said is stored, ms: its state is in the stream, and whoever comes back says it again. */
const SETTLE_MS_MAX = 3000;
/** Others are heard of within so long, ms. */
const HEAR_MS = 1200;

export interface Draining {
  /** It has shards. */
  readonly isMember: boolean;
  /** All it said is stored. */
  readonly settled: boolean;
  /** Another replica of its service is there to take its shards. */
  readonly others: boolean;
  readonly waitedMs: number;
}

export function mayLeave({ isMember, settled, others, waitedMs }: Draining): boolean {
  if (!isMember) return settled || waitedMs >= HAND_OVER_MS_MAX;
  if (others) return waitedMs >= HAND_OVER_MS_MAX;
  return (settled && waitedMs >= HEAR_MS) || waitedMs >= SETTLE_MS_MAX;
}
