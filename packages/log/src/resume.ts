/**
 * Resuming goes on where a dead run stopped; it does not trust the recomputation, it checks it.
 *
 * Intuition. The simulator restores the last snapshot and runs on, writing as ever. While it is still behind the log's end, what
 *            it writes is compared with what is there; past the end, it is appended.
 * Rules.  1. A fact that differs, is missing or is one too many stops the run, with its place.
 *         2. A command that the log already has is compared and not written twice; a new one may only concern the
 *            time after the log's end.
 *         3. Batches and snapshots the log already has are not written again.
 */
import type { CommandRecord, FactRecord, LogHeader, RunEnded } from '@orrery/proto';
import { LogError } from './errors.ts';
import { formatVersion, type Cut, type LogReader, type LogWriter, type VerifiedSnapshot } from './log.ts';
import { sameCommand, sameFact } from './records.ts';

/** An unfinished log that is being continued. */
export interface Resumed {
  readonly header: LogHeader;
  /** State to restore; undefined: start from the specification. */
  readonly snapshot: VerifiedSnapshot | undefined;
  /** Commands accepted after the snapshot, in order: all to be put in the queue, at their times, before running on. */
  readonly commands: readonly CommandRecord[];
  /** Highest command number in the log, 0 when there is none. */
  readonly commandNumberLast: number;
  readonly cut: Cut | undefined;
  /** Time, in ns, up to which the log is complete: recomputation is checked until about here. */
  readonly upTo: number;
  readonly writer: LogWriter;
  /** Whether everything in the log has been recomputed. */
  caughtUp(): boolean;
}

/** Refuses a log that this engine cannot recompute. @throws LogError ORRERY_LOG_VERSION or ORRERY_LOG_ENGINE */
export function requireEngine(header: LogHeader, engine: number): void {
  if (header.format !== formatVersion) {
    const fields = { found: `${header.format}`, needed: `${formatVersion}` };
    throw new LogError(
      'ORRERY_LOG_VERSION',
      `it has format ${header.format}, this release recomputes format ${formatVersion}`,
      fields,
    );
  }
  if (header.engine !== engine) {
    const fields = { found: `${header.engine}`, needed: `${engine}` };
    throw new LogError(
      'ORRERY_LOG_ENGINE',
      `it was written by engine ${header.engine}, this is engine ${engine}`,
      fields,
    );
  }
}

/** Refuses a log that nothing may follow, or not by this engine. @throws LogError */
export function requireUnfinished(reader: LogReader, engine: number): void {
  requireEngine(reader.header, engine);
  if (reader.ended === undefined) return;
  const { time, digest } = reader.ended;
  throw new LogError('ORRERY_LOG_ENDED', `it ended at ${time} ns with digest ${digest}`);
}

/**
 * Goes on with a log from its last verified snapshot.
 * @param openWriter opens the writer that appends at the log's end; called after all checks
 * @throws LogError ORRERY_LOG_VERSION, ORRERY_LOG_ENGINE, ORRERY_LOG_ENDED
 */
export function continueLog(reader: LogReader, engine: number, openWriter: () => LogWriter): Resumed {
  requireUnfinished(reader, engine);
  const snapshot = reader.lastVerifiedSnapshot();
  const known = new Map<number, CommandRecord>();
  let commandNumberLast = 0;
  for (const command of reader.commands()) {
    known.set(command.n, command);
    if (command.n > commandNumberLast) commandNumberLast = command.n;
  }
  const commands = [...reader.commands(snapshot?.sequence ?? 0)];
  const writer = new CheckingWriter(openWriter(), reader, snapshot?.sequence ?? 0, known);
  return {
    header: reader.header,
    snapshot,
    commands,
    commandNumberLast,
    cut: reader.cut,
    upTo: reader.upTo,
    writer,
    caughtUp: () => writer.expected === undefined,
  };
}

class CheckingWriter implements LogWriter {
  readonly header: LogHeader;
  /** The logged fact that must come next; undefined once all have come. */
  expected: FactRecord | undefined;
  private readonly inner: LogWriter;
  private readonly upTo: number;
  private readonly logged: Iterator<FactRecord>;
  private readonly known: ReadonlyMap<number, CommandRecord>;

  constructor(
    inner: LogWriter,
    reader: LogReader,
    afterSequence: number,
    known: ReadonlyMap<number, CommandRecord>,
  ) {
    this.header = reader.header;
    this.inner = inner;
    this.upTo = reader.upTo;
    this.known = known;
    this.logged = reader.facts(afterSequence)[Symbol.iterator]();
    this.advance();
  }

  private advance(): void {
    const next = this.logged.next();
    this.expected = next.done ? undefined : next.value;
  }

  appendFact(fact: FactRecord): void {
    const { expected } = this;
    if (expected === undefined) {
      this.inner.appendFact(fact);
      return;
    }
    if (!sameFact(expected, fact)) {
      throw diverged(`the log has ${nameOf(expected)}, recomputed was ${nameOf(fact)}`);
    }
    this.advance();
  }

  appendCommand(command: CommandRecord): void {
    const logged = this.known.get(command.n);
    if (logged === undefined) {
      if (command.time < this.upTo) {
        throw diverged(`command ${command.n} is for ${command.time} ns, but the log reaches ${this.upTo} ns`);
      }
      this.inner.appendCommand(command);
    } else if (!sameCommand(logged, command)) {
      throw diverged(`command ${command.n} was "${logged.text}" for ${logged.time} ns`);
    }
  }

  commitBatch(toTime: number): void {
    if (this.expected === undefined) this.inner.commitBatch(toTime);
    else if (this.expected.time < toTime) throw diverged(`${nameOf(this.expected)} did not happen again`);
  }

  writeSnapshot(time: number, state: Uint8Array): void {
    if (this.expected === undefined) this.inner.writeSnapshot(time, state);
  }

  end(ended: RunEnded): void {
    if (this.expected !== undefined) throw diverged(`${nameOf(this.expected)} did not happen again`);
    this.inner.end(ended);
  }

  close(): void {
    this.inner.close();
  }
}

function nameOf(fact: FactRecord): string {
  return `fact ${fact.n} of actor ${fact.actor} (kind ${fact.kind}) at ${fact.time} ns`;
}

function diverged(detail: string): LogError {
  return new LogError('ORRERY_LOG_DIVERGED', detail);
}
