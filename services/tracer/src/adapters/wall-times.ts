/**
 * When the traces of a live run happened, by the wall clock: a run may be paused, stopped overnight, or go at ten times the
 * wall's speed, and whoever looks for what has just happened looks for now.
 *
 * Rules. 1. All spans of a trace, whenever they come, are as far apart as in the run.
 *        2. A trace begins when the run was there, to a second.
 */

/** A run that is off by less goes on as it was, ns: traces of one moment then have one epoch. */
const TOLERANCE_NS = 1_000_000_000n;
/** Traces that are remembered: whoever is not told of for so many others is over. */
const TRACES_MAX = 20_000;

export class WallTimes {
  private epochNs: bigint;
  private readonly known = new Map<string, bigint>();

  /** @param epochNs when the run's first instant was, ns since 1970 */
  constructor(epochNs: bigint) {
    this.epochNs = epochNs;
  }

  /** @param time where the run is, simulated ns @param wallNs when, ns since 1970 */
  isAt(time: number, wallNs: bigint): void {
    const epochNs = wallNs - BigInt(time);
    const off = epochNs - this.epochNs;
    if (off > TOLERANCE_NS || off < -TOLERANCE_NS) this.epochNs = epochNs;
  }

  /** When the run's first instant was for a trace, ns since 1970. */
  epochOf(traceId: string): bigint {
    const epochNs = this.known.get(traceId) ?? this.epochNs;
    this.known.delete(traceId);
    this.known.set(traceId, epochNs);
    if (this.known.size > TRACES_MAX) this.known.delete(this.known.keys().next().value as string);
    return epochNs;
  }
}
