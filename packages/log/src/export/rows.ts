/** A log as rows for other programs: one fact or command each, in the log's order, decoded and with names. */
import { factNumbers, messageNumbers, type Batch, type CommandRecord, type FactRecord } from '@orrery/proto';
import { decodeFact, decodeMessage } from '@orrery/proto/codec';
import type { LogReader } from '../log.ts';

/** Address of an actor id; undefined when it is not known. */
export type AddressOf = (actor: number) => string | undefined;

/** One fact or command. Times are ns; text is '' for facts, cause fields undefined without a cause. */
export interface Row {
  readonly record: 'fact' | 'command';
  readonly timeNs: number;
  /** Reporting actor of a fact, target of a command. */
  readonly actor: number;
  readonly address: string;
  readonly n: number;
  readonly kind: string;
  readonly kindNumber: number;
  readonly causeActor: number | undefined;
  readonly causeAddress: string | undefined;
  readonly causeN: number | undefined;
  readonly text: string;
  readonly askedBy: string;
  /** The decoded payload, or its bytes as they are when this release does not know the kind. */
  readonly payload: object;
}

const factNames = namesOf(factNumbers);
const messageNames = namesOf(messageNumbers);

/** All rows, read as they are asked for. @throws LogError ORRERY_LOG_DAMAGED */
export function* rowsOf(reader: LogReader, addressOf: AddressOf): Iterable<Row> {
  const name = (actor: number): string => addressOf(actor) ?? `#${actor}`;
  for (const batch of reader.batches()) yield* rowsOfBatch(batch, name);
}

function* rowsOfBatch(batch: Batch, name: (actor: number) => string): Iterable<Row> {
  for (const fact of batch.facts) yield factRow(fact, name);
  for (const command of batch.commands) yield commandRow(command, name);
}

function factRow(fact: FactRecord, name: (actor: number) => string): Row {
  const cause = fact.cause !== undefined && fact.cause.n > 0 ? fact.cause : undefined;
  return {
    record: 'fact',
    timeNs: fact.time,
    actor: fact.actor,
    address: name(fact.actor),
    n: fact.n,
    kind: factNames.get(fact.kind) ?? `fact ${fact.kind}`,
    kindNumber: fact.kind,
    causeActor: cause?.actor,
    causeAddress: cause && name(cause.actor),
    causeN: cause?.n,
    text: '',
    askedBy: '',
    payload: decoded(decodeFact, fact),
  };
}

function commandRow(command: CommandRecord, name: (actor: number) => string): Row {
  return {
    record: 'command',
    timeNs: command.time,
    actor: command.target,
    address: name(command.target),
    n: command.n,
    kind: messageNames.get(command.kind) ?? `message ${command.kind}`,
    kindNumber: command.kind,
    causeActor: undefined,
    causeAddress: undefined,
    causeN: undefined,
    text: command.text,
    askedBy: command.askedBy,
    payload: decoded(decodeMessage, command),
  };
}

function decoded(
  decode: (kind: number, bytes: Uint8Array) => object,
  record: Pick<FactRecord, 'kind' | 'payload'>,
): object {
  try {
    return decode(record.kind, record.payload);
  } catch {
    return { undecoded: record.payload };
  }
}

function namesOf(numbers: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}

/** JSON of a value, bytes as hex digits and numbers that JSON lacks as strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (field instanceof Uint8Array) return hexOfBytes(field);
    return typeof field === 'number' && !Number.isFinite(field) ? String(field) : field;
  });
}

function hexOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
