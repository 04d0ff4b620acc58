/** Bytes of what replicas say and back, as plain objects that own their bytes. */
import type {
  BoundaryClosed,
  CloserState,
  Enabling,
  Envelope,
  FactBatch,
  FactRecord,
  MessagePart,
  RecordBatch,
  ReplicaPosition,
  ReplicaSnapshot,
  SpanEntry,
  StampedCommand,
  WindowMessage,
} from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';
import { BusError } from '../errors.ts';

const envelopes = codecOf('Envelope');
const snapshots = codecOf('ReplicaSnapshot');
const plain = { defaults: true, arrays: true, oneofs: false };

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return envelopes.encode(envelope).finish();
}

/** @throws BusError on bytes that are no envelope */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  let raw: Envelope;
  try {
    raw = envelopes.decode(bytes) as Envelope;
  } catch (error) {
    throw new BusError('ORRERY_BUS_MALFORMED', (error as Error).message);
  }
  if (raw.window) return { window: plainWindow(raw.window) };
  if (raw.boundary) return { boundary: plainBoundary(raw.boundary) };
  if (raw.facts) return { facts: plainFacts(raw.facts) };
  if (raw.records) return { records: plainRecords(raw.records) };
  if (raw.part) return { part: plainPart(raw.part) };
  throw new BusError('ORRERY_BUS_MALFORMED', `${bytes.length} bytes that say nothing known`);
}

export function encodeReplicaSnapshot(snapshot: ReplicaSnapshot): Uint8Array {
  return snapshots.encode(snapshot).finish();
}

/** @throws Error on bytes that are no snapshot */
export function decodeReplicaSnapshot(bytes: Uint8Array): ReplicaSnapshot {
  const raw = snapshots.toObject(snapshots.decode(bytes), plain) as {
    position: ReplicaPosition;
    closer: CloserState | null;
  };
  return raw.closer === null ? { position: raw.position } : { position: raw.position, closer: raw.closer };
}

function plainWindow(raw: WindowMessage): WindowMessage {
  const { epoch, replica, n, start, end, pending, earliestSent, earliestLoose, promise } = raw;
  const batches = raw.batches.map(({ shard, bytes }) => ({ shard, bytes: new Uint8Array(bytes) }));
  return { epoch, replica, n, start, end, pending, earliestSent, earliestLoose, promise, batches };
}

function plainBoundary(raw: BoundaryClosed): BoundaryClosed {
  const { number, boundary, epoch, next, floor, hold, snapshot, headnode } = raw;
  const members = raw.members.map(({ replica, loose, shards }) => ({ replica, loose, shards: [...shards] }));
  const commands = raw.commands.map(plainCommand);
  const enablings = raw.enablings.map(({ n, body }: Enabling) => ({ n, body: new Uint8Array(body) }));
  return { number, boundary, epoch, members, next, floor, hold, snapshot, commands, enablings, headnode };
}

function plainCommand({ command, shard, own }: StampedCommand): StampedCommand {
  if (!command) throw new BusError('ORRERY_BUS_MALFORMED', 'a stamped command without its command');
  const { n, time, kind, target, payload, text, askedBy, requestId, revertAt } = command;
  const owned = new Uint8Array(payload);
  return {
    command: { n, time, kind, target, payload: owned, text, askedBy, requestId, revertAt },
    shard,
    own,
  };
}

function plainFacts(raw: FactBatch): FactBatch {
  const { from, upTo, events } = raw;
  const [shards, phases, sources, sequences] = [raw.shards, raw.phases, raw.sources, raw.sequences].map(
    (numbers) => [...numbers],
  );
  const facts = raw.facts.map(plainFact);
  return {
    from,
    upTo,
    shards,
    facts,
    phases,
    sources,
    sequences,
    commands: raw.commands.map(plainCommand),
    events,
  };
}

function plainRecords({ facts, texts, spans, givenUp }: RecordBatch): RecordBatch {
  if (!facts) throw new BusError('ORRERY_BUS_MALFORMED', 'records without their control window');
  return { facts: plainFacts(facts), texts: [...texts], spans: spans.map(plainSpan), givenUp };
}

function plainSpan(raw: SpanEntry): SpanEntry {
  const { at, phase, source, sequence, after, service, address, name, error } = raw;
  const { trace, key, parent, start, end } = raw;
  const place = { at, phase, source, sequence, after };
  const attributes = raw.attributes.map((one) => ({
    key: one.key,
    text: one.text,
    number: one.number,
    type: one.type,
  }));
  const ledger = raw.ledger.map(({ place, behind, zone, ns }) => ({ place, behind, zone, ns }));
  return { ...place, service, address, name, error, trace, key, parent, start, end, attributes, ledger };
}

function plainFact({ actor, n, time, kind, cause, payload }: FactRecord): FactRecord {
  const owned = { actor, n, time, kind, payload: new Uint8Array(payload) };
  return cause ? { ...owned, cause: { actor: cause.actor, n: cause.n } } : owned;
}

function plainPart({ id, part, parts, bytes }: MessagePart): MessagePart {
  return { id, part, parts, bytes: new Uint8Array(bytes) };
}
