/**
 * One direction of a connection through the proxy: some messages are said twice, some wait. Messages of one subject stay in
 * their order, as from one publisher; those of others, and the protocol's own lines, may overtake them.
 */
import type { Draws } from '../proof/draws.ts';
import type { Frame } from './frames.ts';

export interface Mischief {
  /** Of all messages, how many are said twice. */
  readonly twice: number;
  /** Of all messages, how many wait. */
  readonly late: number;
  /** How long, at most, wall ms. */
  readonly lateMsMax: number;
  /** Of all messages, after how many the connection is cut. */
  readonly cut: number;
}

/** What was done so far. */
export interface Done {
  messages: number;
  twice: number;
  late: number;
  cuts: number;
}

const WHOLE = 1_000_000;

interface Waiting {
  bytes: Buffer;
  ms: number;
}

export class Lane {
  private readonly write: (bytes: Buffer) => void;
  private readonly mischief: Mischief;
  private readonly draws: Draws;
  private readonly done: Done;
  /** By subject, the first one on its way. */
  private readonly queues = new Map<string, Waiting[]>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(write: (bytes: Buffer) => void, mischief: Mischief, draws: Draws, done: Done) {
    this.write = write;
    this.mischief = mischief;
    this.draws = draws;
    this.done = done;
  }

  /** @returns whether the connection is to be cut now */
  take({ subject, bytes }: Frame): boolean {
    if (subject === undefined) {
      this.write(bytes);
      return false;
    }
    const { mischief, draws, done } = this;
    done.messages++;
    // One draw for all three: there are very many messages.
    const drawn = draws.between(0, WHOLE - 1) / WHOLE;
    const twice = drawn < mischief.twice;
    const late = !twice && drawn < mischief.twice + mischief.late;
    if (twice) done.twice++;
    if (late) done.late++;
    this.enter(subject, { bytes, ms: late ? draws.between(1, mischief.lateMsMax) : 0 });
    if (twice) this.enter(subject, { bytes, ms: draws.between(0, mischief.lateMsMax) });
    return drawn >= 1 - mischief.cut;
  }

  /** Lets go of what waits. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.queues.clear();
  }

  private enter(subject: string, waiting: Waiting): void {
    const queue = this.queues.get(subject);
    if (queue !== undefined) queue.push(waiting);
    else if (waiting.ms === 0) this.write(waiting.bytes);
    else {
      this.queues.set(subject, [waiting]);
      this.awaitFirst(subject);
    }
  }

  private awaitFirst(subject: string): void {
    const queue = this.queues.get(subject) as Waiting[];
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.write(queue[0].bytes);
      queue.shift();
      while (queue.length > 0 && queue[0].ms === 0) this.write((queue.shift() as Waiting).bytes);
      if (queue.length > 0) this.awaitFirst(subject);
      else this.queues.delete(subject);
    }, queue[0].ms);
    this.timers.add(timer);
  }
}
