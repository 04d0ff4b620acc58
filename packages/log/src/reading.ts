/** What every reader does alike, over the batches and snapshot bytes of some source. */
import type {
  Batch,
  BatchSummary,
  CommandRecord,
  FactRecord,
  LogHeader,
  RunEnded,
  SnapshotFile,
} from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';
import { crc32c } from './crc32c.ts';
import type { Cut, LogReader, NamedSnapshot, PassedOver, VerifiedSnapshot } from './log.ts';

/** A log as its adapter found it. */
export interface LogSource {
  readonly header: LogHeader;
  readonly upTo: number;
  readonly lastSequence: number;
  readonly ended: RunEnded | undefined;
  readonly cut: Cut | undefined;
  readonly snapshots: readonly NamedSnapshot[];
  batches(afterSequence: number): Iterable<Batch>;
  /** The same batches without their facts, for which nothing is decoded. */
  summaries(afterSequence: number): Iterable<Pick<BatchSummary, 'commands'>>;
  /** Bytes of a snapshot file; undefined when it is not there. */
  snapshotBytes(file: string): Uint8Array | undefined;
}

const snapshotCodec = codecOf('SnapshotFile');

/** A snapshot's file as bytes. @param time ns */
export function encodeSnapshot(time: number, engine: number, state: Uint8Array): Uint8Array {
  const file: SnapshotFile = { time, engine, state };
  return snapshotCodec.encode(file).finish();
}

/** A reader over a source. */
export function readerOf(source: LogSource): LogReader {
  return {
    header: source.header,
    state: source.ended === undefined ? 'unfinished' : 'ended',
    upTo: source.upTo,
    ended: source.ended,
    cut: source.cut,
    lastSequence: source.lastSequence,
    snapshots: source.snapshots,
    batches: (afterSequence = 0) => source.batches(afterSequence),
    facts: (afterSequence = 0) => factsOf(source.batches(afterSequence)),
    commands: (afterSequence = 0) => commandsOf(source.summaries(afterSequence)),
    lastVerifiedSnapshot: (time = Infinity) => lastVerified(source, time),
    unusableSnapshots: () => unusableSnapshots(source),
  };
}

function* factsOf(batches: Iterable<Batch>): Iterable<FactRecord> {
  for (const batch of batches) yield* batch.facts;
}

function* commandsOf(batches: Iterable<Pick<BatchSummary, 'commands'>>): Iterable<CommandRecord> {
  for (const batch of batches) yield* batch.commands;
}

function lastVerified(source: LogSource, time: number): VerifiedSnapshot | undefined {
  const passedOver: PassedOver[] = [];
  for (let i = source.snapshots.length - 1; i >= 0; i--) {
    const named = source.snapshots[i];
    if (named.pointer.time > time) continue;
    const state = verifiedState(source, named);
    if (typeof state !== 'string') {
      return { time: named.pointer.time, state, sequence: named.sequence, passedOver };
    }
    passedOver.push({ file: named.pointer.file, reason: state });
  }
  return undefined;
}

function unusableSnapshots(source: LogSource): PassedOver[] {
  const unusable: PassedOver[] = [];
  for (const named of source.snapshots) {
    const state = verifiedState(source, named);
    if (typeof state === 'string') unusable.push({ file: named.pointer.file, reason: state });
  }
  return unusable;
}

function verifiedState(source: LogSource, named: NamedSnapshot): Uint8Array | string {
  const { pointer } = named;
  const bytes = source.snapshotBytes(pointer.file);
  if (bytes === undefined) return 'the file is missing';
  if (bytes.length !== pointer.size) return `it has ${bytes.length} bytes instead of ${pointer.size}`;
  if (crc32c(bytes) !== pointer.crc) return 'its CRC-32C does not match';
  const file = snapshotCodec.decode(bytes) as SnapshotFile;
  return new Uint8Array(file.state);
}
