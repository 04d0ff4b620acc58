/** Bytes of a batch and back, as plain objects that own their bytes. */
import type {
  Batch,
  BatchSummary,
  CommandRecord,
  FactRecord,
  RunEnded,
  SnapshotPointer,
} from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';

const batchCodec = codecOf('Batch');
const summaryCodec = codecOf('BatchSummary');
const noBytes = new Uint8Array(0);

/** Protobuf bytes of a batch. */
export function encodeBatch(batch: Batch): Uint8Array {
  return batchCodec.encode(batch).finish();
}

/** @throws Error on bytes that are no batch */
export function decodeBatch(bytes: Uint8Array): Batch {
  const raw = batchCodec.decode(bytes) as Batch;
  const batch: Batch = {
    sequence: raw.sequence,
    fromTime: raw.fromTime,
    toTime: raw.toTime,
    facts: raw.facts.map(plainFact),
    commands: raw.commands.map(plainCommand),
  };
  if (raw.snapshot) batch.snapshot = plainPointer(raw.snapshot);
  if (raw.ended) batch.ended = plainEnd(raw.ended);
  return batch;
}

/** A batch without its facts, which are skipped unread. @throws Error on bytes that are no batch */
export function decodeSummary(bytes: Uint8Array): BatchSummary {
  const raw = summaryCodec.decode(bytes) as BatchSummary;
  const summary: BatchSummary = {
    sequence: raw.sequence,
    fromTime: raw.fromTime,
    toTime: raw.toTime,
    commands: raw.commands.map(plainCommand),
  };
  if (raw.snapshot) summary.snapshot = plainPointer(raw.snapshot);
  if (raw.ended) summary.ended = plainEnd(raw.ended);
  return summary;
}

// Decoded bytes are views of the whole segment: a copy lets the segment go.
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? noBytes : new Uint8Array(bytes);
}

function plainFact(raw: FactRecord): FactRecord {
  const fact: FactRecord = {
    actor: raw.actor,
    n: raw.n,
    time: raw.time,
    kind: raw.kind,
    cause: undefined,
    payload: ownBytes(raw.payload),
  };
  if (raw.cause) fact.cause = { actor: raw.cause.actor, n: raw.cause.n };
  return fact;
}

function plainCommand(raw: CommandRecord): CommandRecord {
  return {
    n: raw.n,
    time: raw.time,
    kind: raw.kind,
    target: raw.target,
    payload: ownBytes(raw.payload),
    text: raw.text,
    askedBy: raw.askedBy,
    requestId: raw.requestId,
    revertAt: raw.revertAt,
  };
}

function plainPointer(raw: SnapshotPointer): SnapshotPointer {
  return { file: raw.file, time: raw.time, crc: raw.crc, size: raw.size };
}

function plainEnd(raw: RunEnded): RunEnded {
  return { time: raw.time, digest: raw.digest, events: raw.events };
}

/** Whether two facts are the same to the last byte; no cause equals a cause of actor 0, n 0. */
export function sameFact(a: FactRecord, b: FactRecord): boolean {
  return (
    a.actor === b.actor &&
    a.n === b.n &&
    a.time === b.time &&
    a.kind === b.kind &&
    (a.cause?.actor ?? 0) === (b.cause?.actor ?? 0) &&
    (a.cause?.n ?? 0) === (b.cause?.n ?? 0) &&
    sameBytes(a.payload, b.payload)
  );
}

/** Whether two commands ask the same thing at the same time. */
export function sameCommand(a: CommandRecord, b: CommandRecord): boolean {
  return (
    a.n === b.n &&
    a.time === b.time &&
    a.kind === b.kind &&
    a.target === b.target &&
    a.requestId === b.requestId &&
    a.revertAt === b.revertAt &&
    sameBytes(a.payload, b.payload)
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
