/**
 * Jobs that whoever has time takes from a broker: a work-queue stream of what is to be done, a bucket of results by name, an
 * object store of what is too large for a message.
 *
 * Rules. 1. A job is taken by one worker at a time; it is in the stream until that worker says it is done.
 *        2. A job that is in the stream is not added again; a job that was done twice has one result.
 *        3. The result is kept before the job is said to be done: what is neither waiting nor has a result is lost, and
 *           whoever asked for it may add it again.
 */
import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type Consumer,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { patiently } from '../nats/patience.ts';
import { objectStores } from '../nats/object-stores.ts';

/** Who takes a job, what it belongs to, and its own name; each letters, digits, `-` and `_`. */
export interface JobName {
  /** Only workers of this channel take it. */
  readonly channel: string;
  readonly group: string;
  readonly key: string;
}

/** A worker that says nothing for so long is dead, ns: its job is given to another. */
const ACK_WAIT_NS = 5_000_000_000;
/** Results, and what they were of, are kept so long, ms. */
const KEPT_MS = 30 * 24 * 3600 * 1000;
const BATCH = 256;
/** The broker's words for "the subject has a message already" and "the key is there already". */
const SUBJECT_TAKEN = 10077;
const KEY_TAKEN = 10071;
const NOT_FOUND = 404;

interface Parts {
  readonly nc: NatsConnection;
  readonly name: string;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  readonly heads: KV;
  readonly results: KV;
  readonly objects: ObjectStore;
}

/**
 * Makes the stream, the buckets and the store when they are not there; any number of processes may do so at once.
 * @throws what the broker says, as when it is away or has no JetStream
 */
export async function openJobBoard(nc: NatsConnection, name: string): Promise<JobBoard> {
  const manager = await jetstreamManager(nc);
  await manager.streams.add({
    name,
    subjects: [`${name}.>`],
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    storage: StorageType.File,
    max_age: KEPT_MS * 1_000_000,
  });
  const kvm = new Kvm(nc);
  return new JobBoard({
    nc,
    name,
    manager,
    client: jetstream(nc),
    heads: await kvm.create(`${name}-heads`, { history: 1, ttl: KEPT_MS }),
    results: await kvm.create(`${name}-results`, { history: 1, ttl: KEPT_MS }),
    objects: await objectStores(nc).create(`${name}-objects`, { ttl: KEPT_MS * 1_000_000 }),
  });
}

export class JobBoard {
  private readonly nats: Parts;

  constructor(nats: Parts) {
    this.nats = nats;
  }

  /** Adds a job unless it is waiting or being done. */
  async add({ channel, group, key }: JobName, bytes: Uint8Array): Promise<void> {
    const { nc, client, name } = this.nats;
    await patiently(nc, async () => {
      await unless(SUBJECT_TAKEN, () => client.publish(`${name}.${channel}.${group}.${key}`, bytes));
    });
  }

  /** Keys of a group's jobs that are waiting or being done. */
  async open(group: string): Promise<Set<string>> {
    const { nc, manager, name } = this.nats;
    const { state } = await patiently(nc, () =>
      manager.streams.info(name, { subjects_filter: `${name}.*.${group}.*` }),
    );
    return new Set(Object.keys(state.subjects ?? {}).map((subject) => subject.split('.').at(-1) ?? ''));
  }

  /** Takes back a group's jobs: what is being done now is done in vain, what waits is not done. */
  async withdraw(group: string): Promise<void> {
    const { nc, manager, name } = this.nats;
    await patiently(nc, () => manager.streams.purge(name, { filter: `${name}.*.${group}.*` }));
  }

  /** Whether anybody takes jobs of a channel, or has one. */
  async attended(channel: string): Promise<boolean> {
    const { nc, manager, name } = this.nats;
    return patiently(nc, async () => {
      try {
        const { num_waiting: waiting, num_ack_pending: taken } = await manager.consumers.info(name, channel);
        return waiting + taken > 0;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    });
  }

  /** What workers of a channel take jobs from. */
  consumer(channel: string): Promise<Consumer> {
    const { nc, manager, client, name } = this.nats;
    return patiently(nc, async () => {
      await manager.consumers.add(name, {
        durable_name: channel,
        filter_subject: `${name}.${channel}.>`,
        ack_policy: AckPolicy.Explicit,
        ack_wait: ACK_WAIT_NS,
        max_ack_pending: -1,
      });
      return client.consumers.get(name, channel);
    });
  }

  /** What a group is, as it was said first; undefined: nothing was said. */
  head(group: string): Promise<Uint8Array | undefined> {
    return this.read(this.nats.heads, group);
  }

  /** Says what a group is; those that watch hear it, also when it is the same as before. */
  async putHead(group: string, bytes: Uint8Array): Promise<void> {
    await patiently(this.nats.nc, () => this.nats.heads.put(group, bytes));
  }

  /** What groups are, those that are there and those to come. */
  async *heads(): AsyncGenerator<{ group: string; bytes: Uint8Array }> {
    const { nc, heads } = this.nats;
    const watch = await patiently(nc, () => heads.watch());
    for await (const { key, value, operation } of watch)
      if (operation === 'PUT') yield { group: key, bytes: value };
  }

  /** Keeps a result unless there is one. @returns the one that was there */
  async keep(group: string, key: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { nc, results } = this.nats;
    const name = `${group}.${key}`;
    return patiently(nc, async () => {
      const made = await unless(KEY_TAKEN, () => results.create(name, bytes));
      return made === undefined ? this.read(results, name) : undefined;
    });
  }

  /** Puts a result in the place of the one that is there. */
  async replace(group: string, key: string, bytes: Uint8Array): Promise<void> {
    await patiently(this.nats.nc, () => this.nats.results.put(`${group}.${key}`, bytes));
  }

  result(group: string, key: string): Promise<Uint8Array | undefined> {
    return this.read(this.nats.results, `${group}.${key}`);
  }

  /** Results of a group that were kept after a place, in that order. @param after 0, or the `after` of the last call */
  async resultsAfter(group: string, after: number): Promise<{ after: number; results: Uint8Array[] }> {
    const { nc, manager, name } = this.nats;
    const bucket = `${name}-results`;
    return patiently(nc, async () => {
      const results: Uint8Array[] = [];
      let last = after;
      for (;;) {
        const messages: { seq: number; data: Uint8Array }[] = [];
        try {
          const filter = { next_by_subj: `$KV.${bucket}.${group}.>`, batch: BATCH };
          const iterator = await manager.direct.getBatch(`KV_${bucket}`, { seq: last + 1, ...filter });
          for await (const message of iterator) messages.push(message);
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        results.push(...messages.map(({ data }) => data));
        last = messages.at(-1)?.seq ?? last;
        if (messages.length < BATCH) return { after: last, results };
      }
    });
  }

  /** Stores what is found by its content's hash, unless it is there. */
  async putObject(hash: string, bytes: Uint8Array): Promise<void> {
    const { nc, objects } = this.nats;
    await patiently(nc, async () => {
      if ((await objects.info(hash)) === null) await objects.putBlob({ name: hash }, bytes);
    });
  }

  async object(hash: string): Promise<Uint8Array | undefined> {
    const { nc, objects } = this.nats;
    const bytes = await patiently(nc, () => objects.getBlob(hash));
    return bytes === null ? undefined : new Uint8Array(bytes);
  }

  private async read(bucket: KV, key: string): Promise<Uint8Array | undefined> {
    const entry = await patiently(this.nats.nc, () => bucket.get(key));
    return entry === null || entry.operation !== 'PUT' ? undefined : entry.value;
  }
}

function isNotFound(error: unknown): boolean {
  const { status, code } = error as { status?: unknown; code?: unknown };
  return status === NOT_FOUND || code === NOT_FOUND;
}

/** @returns undefined when the broker refuses with this code */
async function unless<Value>(code: number, act: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === code) return undefined;
    throw error;
  }
}
