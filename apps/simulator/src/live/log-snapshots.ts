/**
 * Which snapshots of a run in parts its log is to have: one a minute, and those that somebody asks for.
 *
 * Intuition. The services save their shards where a boundary's message says so; the log has that state once all of them have,
 *            which is after it has gone on. What it must know by then is where it stood.
 * State.     Snapshots that are awaited, by boundary: few. A newer one that is stored makes the older needless.
 */

/** Simulated time between snapshots in the log, ns: what a question about the future has to compute again, at most. */
const EVERY_NS = 60_000_000_000;

/** A snapshot that the services take. */
export interface AwaitedSnapshot {
  /** Of the boundary's message. */
  readonly number: number;
  /** ns. */
  readonly boundary: number;
  /** Facts before it. */
  readonly facts: number;
}

interface Awaited {
  boundary: number;
  number: number | undefined;
  facts: number | undefined;
}

export class LogSnapshots {
  private awaited: Awaited[] = [];
  private last: number;

  /** @param from where the log ends that is gone on with, ns */
  constructor(from: number) {
    this.last = from;
  }

  /** Whether a boundary (ns) should have one of its own accord. */
  isDue(boundary: number): boolean {
    return Math.floor(boundary / EVERY_NS) > Math.floor(this.last / EVERY_NS);
  }

  /** A boundary (ns) was closed whose message asks for one. @param facts before it, when the log has come so far */
  closed(boundary: number, facts: number | undefined): void {
    this.last = boundary;
    this.awaited.push({ boundary, number: undefined, facts });
  }

  /** The log has come to a time, ns. */
  reached(time: number, facts: number): void {
    for (const one of this.awaited) if (one.boundary === time) one.facts = facts;
  }

  /** The message that asks for one is stored. */
  stored(number: number, boundary: number): void {
    for (const one of this.awaited) if (one.boundary === boundary) one.number = number;
    this.awaited = this.awaited.filter((one) => one.boundary >= boundary);
  }

  /** The one whose shards are wanted. */
  get next(): AwaitedSnapshot | undefined {
    const [one] = this.awaited;
    if (one === undefined) return undefined;
    const { number, boundary, facts } = one;
    return number === undefined || facts === undefined ? undefined : { number, boundary, facts };
  }

  /** The log has it. */
  kept(boundary: number): void {
    this.awaited = this.awaited.filter((one) => one.boundary !== boundary);
  }
}
