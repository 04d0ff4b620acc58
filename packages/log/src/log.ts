/**
 * A run's log: what a simulator writes and what its readers see, whatever keeps it.
 *
 * Rules.  1. Records are in the run's total order; a batch's facts were reported before its commands were accepted.
 *         2. A command is durable when `appendCommand` returns; facts are when their batch is committed. Durable means
 *            written: it survives the death of the process, not a loss of power.
 *         3. A batch is kept whole or not at all.
 *         4. A log without its end is "unfinished", and says up to which time it is complete.
 */
import type { Batch, CommandRecord, FactRecord, LogHeader, RunEnded, SnapshotPointer } from '@orrery/proto';

/** Version of the layout this package writes, and the oldest that it reads. */
export const formatVersion = 1;

/** What the run says of itself when its log is made. */
export type NewHeader = Omit<LogHeader, 'format' | 'compatible'>;

/** The sink a simulator writes to. Times are ns since the run's start. */
export interface LogWriter {
  readonly header: LogHeader;
  /** Durable on return, with every fact appended before it. */
  appendCommand(command: CommandRecord): void;
  /** Buffered; the record is kept as it is and must not be changed afterwards. */
  appendFact(fact: FactRecord): void;
  /** Makes all that was appended durable and says that no fact of a time before `toTime` will follow. */
  commitBatch(toTime: number): void;
  /** Commits, then keeps `state` as of `time` and names it in the log. A batch must end at a time that the log is past. */
  writeSnapshot(time: number, state: Uint8Array): void;
  /** Commits, then writes the log's last word. Only `close` may follow. */
  end(ended: RunEnded): void;
  /** Commits what is buffered and lets go of the log. A second call does nothing. */
  close(): void;
}

/** What was cut off the end of a log that was being written when its process died. */
export interface Cut {
  readonly file: string;
  /** Byte at which the incomplete batch starts. */
  readonly offset: number;
  readonly cutBytes: number;
  /** Time, in ns, up to which the log is complete after the cut. */
  readonly upTo: number;
  readonly reason: string;
}

/** A snapshot that could not be used, and why. */
export interface PassedOver {
  readonly file: string;
  readonly reason: string;
}

export interface VerifiedSnapshot {
  readonly time: number;
  readonly state: Uint8Array;
  /** Of the batch that ends where it was taken: later batches come after it. */
  readonly sequence: number;
  /** Later snapshots that are missing or damaged, latest first. */
  readonly passedOver: readonly PassedOver[];
}

/** A snapshot as the log names it; whether its bytes are still there is another matter. */
export interface NamedSnapshot {
  readonly pointer: SnapshotPointer;
  /** Of the batch that ends where it was taken, which may be some before the one that names it. */
  readonly sequence: number;
}

/** A log as it stood when it was opened. */
export interface LogReader {
  readonly header: LogHeader;
  readonly state: 'ended' | 'unfinished';
  /** Every fact of an earlier time is in the log, in ns; the run's length when it has ended. */
  readonly upTo: number;
  readonly ended: RunEnded | undefined;
  /**
   * Set when an incomplete last batch is left out, or when a snapshot of a later moment shows that batches are gone. Else a log cut
   * exactly between two batches shows as unfinished only.
   */
  readonly cut: Cut | undefined;
  /** Number of the last batch, 0 when there is none. */
  readonly lastSequence: number;
  readonly snapshots: readonly NamedSnapshot[];
  /** Batches in order, read as they are asked for. @param afterSequence leaves out batches up to this one */
  batches(afterSequence?: number): Iterable<Batch>;
  facts(afterSequence?: number): Iterable<FactRecord>;
  commands(afterSequence?: number): Iterable<CommandRecord>;
  /** The last snapshot at or before `time` whose bytes are as they were written. @param time ns; default: any */
  lastVerifiedSnapshot(time?: number): VerifiedSnapshot | undefined;
  /** Snapshots the log names that are missing or damaged; runs restore an earlier one instead. */
  unusableSnapshots(): readonly PassedOver[];
}
