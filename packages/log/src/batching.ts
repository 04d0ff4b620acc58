/**
 * The writer that turns records into batches for a store; it does not know where batches are kept.
 *
 * Rules.  1. Facts come in order of time: an earlier one after a later one is a bug and throws.
 *         2. A command closes its batch, so a batch's facts always precede its commands.
 *         3. Too many buffered facts close a batch on their own: its `toTime` is the last fact's time, since all facts
 *            of earlier times have been seen by then.
 */
import type { Batch, CommandRecord, FactRecord, LogHeader, RunEnded, SnapshotPointer } from '@orrery/proto';
import type { LogWriter } from './log.ts';

// Bytes buffered before a batch is closed on its own. Smaller: more headers and writes; larger: more memory, and more
// to recompute after a crash.
const batchBytesMax = 1 << 20;
// What a fact costs beside its payload, about.
const factOverheadBytes = 40;

/** Keeps batches and snapshots; each call is durable on return. */
export interface BatchStore {
  append(batch: Batch): void;
  /** Puts a snapshot in place, not yet named. @param time ns */
  putSnapshot(time: number, state: Uint8Array): SnapshotPointer;
  close(): void;
}

/** Where a log stands: number of its last batch, and the time, in ns, up to which it is complete. */
export interface LogPosition {
  readonly sequence: number;
  readonly upTo: number;
  /** Times of the snapshots already named, ns. */
  readonly snapshotTimes: readonly number[];
}

/** The position of a log that holds nothing. */
export const logStart: LogPosition = { sequence: 0, upTo: 0, snapshotTimes: [] };

/** A writer over a store, from a position on. */
export class BatchingWriter implements LogWriter {
  readonly header: LogHeader;
  private readonly store: BatchStore;
  private readonly snapshotTimes: Set<number>;
  private sequence: number;
  private upTo: number;
  private timeLast: number;
  private facts: FactRecord[] = [];
  private bufferedBytes = 0;
  private state: 'open' | 'ended' | 'closed' = 'open';

  constructor(header: LogHeader, store: BatchStore, position: LogPosition) {
    this.header = header;
    this.store = store;
    this.sequence = position.sequence;
    this.upTo = position.upTo;
    this.timeLast = position.upTo;
    this.snapshotTimes = new Set(position.snapshotTimes);
  }

  appendFact(fact: FactRecord): void {
    this.mustBeOpen();
    if (fact.time < this.timeLast) {
      throw new Error(
        `fact ${fact.n} of actor ${fact.actor} at ${fact.time} ns comes after the log reached ${this.timeLast} ns`,
      );
    }
    this.timeLast = fact.time;
    this.facts.push(fact);
    this.bufferedBytes += fact.payload.length + factOverheadBytes;
    if (this.bufferedBytes >= batchBytesMax) this.write(fact.time, {});
  }

  appendCommand(command: CommandRecord): void {
    this.mustBeOpen();
    this.write(this.timeLast, { commands: [command] });
  }

  commitBatch(toTime: number): void {
    this.mustBeOpen();
    if (this.facts.length === 0 && toTime <= this.upTo) return;
    this.write(toTime, {});
    if (toTime > this.timeLast) this.timeLast = toTime;
  }

  writeSnapshot(time: number, state: Uint8Array): void {
    this.mustBeOpen();
    if (this.snapshotTimes.has(time)) return;
    if (time >= this.timeLast) this.commitBatch(time);
    const snapshot = this.store.putSnapshot(time, state);
    this.write(Math.max(time, this.timeLast), { snapshot });
    this.snapshotTimes.add(time);
  }

  end(ended: RunEnded): void {
    this.mustBeOpen();
    this.write(ended.time, { ended });
    this.state = 'ended';
  }

  close(): void {
    if (this.state === 'closed') return;
    const open = this.state === 'open';
    this.state = 'closed';
    try {
      if (open && this.facts.length > 0) this.write(this.timeLast, {});
    } finally {
      this.store.close();
    }
  }

  private mustBeOpen(): void {
    if (this.state !== 'open') throw new Error(`the log of run ${this.header.runId} is ${this.state}`);
  }

  private write(toTime: number, rest: Pick<Partial<Batch>, 'commands' | 'snapshot' | 'ended'>): void {
    const facts = this.facts;
    const fromTime = this.upTo;
    this.facts = [];
    this.bufferedBytes = 0;
    if (toTime > this.upTo) this.upTo = toTime;
    this.sequence += 1;
    this.store.append({
      sequence: this.sequence,
      fromTime,
      toTime: this.upTo,
      facts,
      commands: rest.commands ?? [],
      ...(rest.snapshot && { snapshot: rest.snapshot }),
      ...(rest.ended && { ended: rest.ended }),
    });
  }
}
