/** A log in memory: for tests, forks, and runs that keep nothing. */
import type { Batch, LogHeader, SnapshotPointer } from '@orrery/proto';
import { BatchingWriter, logStart, type BatchStore, type LogPosition } from './batching.ts';
import { crc32c } from './crc32c.ts';
import { formatVersion, type LogReader, type LogWriter, type NamedSnapshot, type NewHeader } from './log.ts';
import { NamedSnapshots } from './named-snapshots.ts';
import { encodeSnapshot, readerOf } from './reading.ts';
import { continueLog, type Resumed } from './resume.ts';

/** What the log keeps: plain data, to be handed on to a reader. */
export interface MemoryLog {
  readonly header: LogHeader;
  readonly batches: Batch[];
  readonly snapshots: Map<string, Uint8Array>;
}

/** An empty log. */
export function newMemoryLog(header: NewHeader): MemoryLog {
  return {
    header: { ...header, format: formatVersion, compatible: formatVersion },
    batches: [],
    snapshots: new Map(),
  };
}

/** A writer that appends to an empty or unfinished log. */
export function writeMemoryLog(log: MemoryLog): LogWriter {
  return new BatchingWriter(log.header, storeOf(log), positionOf(log));
}

/** The log as it stands now; batches appended later are not seen. */
export function readMemoryLog(log: MemoryLog): LogReader {
  const count = log.batches.length;
  const position = positionOf(log);
  return readerOf({
    header: log.header,
    upTo: position.upTo,
    lastSequence: count,
    ended: count === 0 ? undefined : log.batches[count - 1].ended,
    cut: undefined,
    snapshots: namedSnapshots(log),
    batches: (afterSequence) => log.batches.slice(afterSequence, count),
    summaries: (afterSequence) => log.batches.slice(afterSequence, count),
    snapshotBytes: (file) => log.snapshots.get(file),
  });
}

/** Goes on with an unfinished log from its last snapshot. @throws LogError when engine or format differ, or it has ended */
export function resumeMemoryLog(log: MemoryLog, engine: number): Resumed {
  return continueLog(readMemoryLog(log), engine, () => writeMemoryLog(log));
}

/** A sink that keeps nothing, for runs of which only the digest is wanted. */
export function discardingLog(header: NewHeader): LogWriter {
  const nothing = (): void => undefined;
  return {
    header: { ...header, format: formatVersion, compatible: formatVersion },
    appendCommand: nothing,
    appendFact: nothing,
    commitBatch: nothing,
    writeSnapshot: nothing,
    end: nothing,
    close: nothing,
  };
}

function storeOf(log: MemoryLog): BatchStore {
  return {
    append: (batch) => {
      log.batches.push(batch);
    },
    putSnapshot: (time, state) => putSnapshot(log, time, state),
    close: () => undefined,
  };
}

function putSnapshot(log: MemoryLog, time: number, state: Uint8Array): SnapshotPointer {
  const file = `snapshot-${time}`;
  const bytes = encodeSnapshot(time, log.header.engine, state);
  log.snapshots.set(file, bytes);
  return { file, time, crc: crc32c(bytes), size: bytes.length };
}

function positionOf(log: MemoryLog): LogPosition {
  const last = log.batches.at(-1);
  if (last === undefined) return logStart;
  return {
    sequence: last.sequence,
    upTo: last.toTime,
    snapshotTimes: namedSnapshots(log).map((named) => named.pointer.time),
  };
}

function namedSnapshots(log: MemoryLog): NamedSnapshot[] {
  const snapshots = new NamedSnapshots();
  for (const batch of log.batches) snapshots.add(batch);
  return snapshots.found;
}
