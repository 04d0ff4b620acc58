/** The streams and buckets of a run, and their names. */
import {
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { unlessMissing } from './patience.ts';

/** Ids are known for so long, ns: as long as a sender may be cut off and come back with what it had said. */
const DUPLICATE_WINDOW_NS = 120_000_000_000;

export interface StreamNames {
  /** Windows and boundary messages. */
  windows: string;
  facts: string;
  /** What the tracer is told. */
  records: string;
  /** Bucket of snapshot pointers. */
  pointers: string;
  /** Object store of snapshots. */
  snapshots: string;
  /** Subjects begin with it. */
  prefix: string;
  /** Subjects of what is stored begin with it: to be subscribed to. */
  heard: string;
}

/** @param run letters, digits, `-` and `_` */
export function namesOf(run: string): StreamNames {
  if (!/^[\w-]+$/.test(run)) throw new RangeError(`a run's id is letters, digits, - and _, not '${run}'`);
  const base = `orrery_${run}`;
  return {
    windows: base,
    facts: `${base}_facts`,
    records: `${base}_records`,
    pointers: `${base}_pointers`,
    snapshots: `${base}_snapshots`,
    prefix: `orrery.${run}`,
    heard: `orrery-stored.${run}`,
  };
}

export interface StreamLimits {
  /** Largest size of the windows' stream, bytes; what does not fit is refused until snapshots let some be purged. */
  windowBytesMax?: number;
  /** Largest size of the facts' stream, bytes. */
  factBytesMax?: number;
  /** Largest size of the records' stream, bytes. */
  recordBytesMax?: number;
  /** A live run goes on when its records are not read: the oldest are let go of when the stream is full. */
  live?: boolean;
}

/** Room for what the tracer is told, bytes. Smaller: a shorter absence of the collector is bridged; larger: more of a disk. */
const RECORD_BYTES_MAX = 512 * 1024 * 1024;

/** Makes what is not there yet. Any number of processes may do so at once. */
export async function createStreams(
  nc: NatsConnection,
  run: string,
  limits: StreamLimits = {},
): Promise<void> {
  const names = namesOf(run);
  const manager = await jetstreamManager(nc);
  const common: Partial<StreamConfig> = {
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    max_age: 0,
    allow_direct: true,
    duplicate_window: DUPLICATE_WINDOW_NS,
  };
  await manager.streams.add({
    ...common,
    name: names.windows,
    subjects: [`${names.prefix}.window.*`, `${names.prefix}.boundary`],
    max_bytes: limits.windowBytesMax ?? -1,
    republish: { src: `${names.prefix}.>`, dest: `${names.heard}.>` },
  });
  await manager.streams.add({
    ...common,
    name: names.facts,
    subjects: [`${names.prefix}.facts.*`],
    max_bytes: limits.factBytesMax ?? -1,
  });
  await manager.streams.add({
    ...common,
    name: names.records,
    subjects: [`${names.prefix}.records.*`],
    max_bytes: limits.recordBytesMax ?? RECORD_BYTES_MAX,
    discard: limits.live === true ? DiscardPolicy.Old : DiscardPolicy.New,
  });
  await new Kvm(nc).create(names.pointers, { history: 1 });
  await new Objm(nc).create(names.snapshots);
}

/** Removes all that the broker has of a run. */
export async function deleteStreams(nc: NatsConnection, run: string): Promise<void> {
  const { windows, facts, records, pointers, snapshots } = namesOf(run);
  const manager = await jetstreamManager(nc);
  for (const stream of [windows, facts, records, `KV_${pointers}`, `OBJ_${snapshots}`])
    if (await isThere(manager, stream)) await unlessMissing(() => manager.streams.delete(stream));
}

async function isThere(manager: JetStreamManager, stream: string): Promise<boolean> {
  for await (const name of manager.streams.names()) if (name === stream) return true;
  return false;
}
