/**
 * The NATS bus: streams for windows and facts, a bucket for pointers, an object store for snapshots.
 *
 * Every try may fail; failures are counted and left to the runner, which tries again on reconnect and after waiting.
 */
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { ObjectStore } from '@nats-io/obj';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { FactBatch, RecordBatch, ReplicaPointer } from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';
import type { BrokerInputs, Bus, FactPage, OpenBroker, RecordPage } from '../../bus.ts';
import {
  decodeEnvelope,
  decodeReplicaSnapshot,
  ownName,
  shardName,
  type Needed,
  type Outgoing,
  type OutgoingObject,
  type Restart,
} from '../../window/index.ts';
import { patiently } from './patience.ts';
import { PartCollector } from './parts.ts';
import { Sender } from './sender.ts';
import { readStream, type StoredBytes } from './stream-reader.ts';
import { namesOf, type StreamNames } from './streams.ts';
import { objectStores } from './object-stores.ts';

/** Messages in a page of facts, or a few more. */
const PAGE_MESSAGES = 1024;
/** Messages in a page of records, which are larger. */
const PAGE_RECORDS = 64;

const pointers = codecOf('ReplicaPointer');

/**
 * The bus of a run whose streams are there; while the broker is away, it is waited for.
 * @param onMalformed hears of each message that could not be read; it is passed over, as whoever writes is not asked who it is
 */
export function natsBus(
  nc: NatsConnection,
  run: string,
  onMalformed: (detail: string) => void = () => undefined,
): Bus {
  const names = namesOf(run);
  return {
    open: (replica) =>
      patiently(nc, async () => {
        const manager = await jetstreamManager(nc);
        const bucket = await new Kvm(nc).open(names.pointers);
        const store = await objectStores(nc).open(names.snapshots);
        const sender = new Sender(nc, names, jetstream(nc), manager);
        return new NatsBroker({ nc, names, replica, manager, bucket, store, onMalformed }, sender);
      }),
  };
}

type OpenedMessage = { sequence: number; content: ReturnType<typeof decodeEnvelope> };
type Answer = (inputs: BrokerInputs) => void;
const nothing: Answer = () => undefined;

interface Parts {
  readonly nc: NatsConnection;
  readonly names: StreamNames;
  readonly replica: string;
  readonly manager: JetStreamManager;
  readonly bucket: KV;
  readonly store: ObjectStore;
  readonly onMalformed: (detail: string) => void;
}

class NatsBroker implements OpenBroker {
  /** Tries that failed; the runner makes them again. */
  failures = 0;
  private readonly nats: Parts;
  private readonly sender: Sender;
  /** Where this replica's windows are heard. */
  private readonly own: string;
  private inputs: BrokerInputs | undefined;
  /** What is being tried now; a second try meanwhile is left out. */
  private readonly trying = new Set<string>();
  private readonly collector = new PartCollector();
  private readonly factParts = new PartCollector();
  private readonly recordParts = new PartCollector();
  private stop: (() => void) | undefined;
  /** Objects of earlier boundary messages are gone. */
  private objectsFrom = 0;

  constructor(nats: Parts, sender: Sender) {
    this.nats = nats;
    this.sender = sender;
    this.own = `${nats.names.heard}.window.${nats.replica}`;
  }

  restart(): Promise<Restart | undefined> {
    return patiently(this.nats.nc, () => this.readSnapshot());
  }

  private async readSnapshot(): Promise<Restart | undefined> {
    const { store, replica } = this.nats;
    const pointer = await this.pointerOf(replica);
    if (pointer === undefined || pointer.left) return pointer && { pointer };
    const objectOf = async (name: string): Promise<Uint8Array> => {
      const bytes = await store.getBlob(name);
      if (bytes === null) throw new Error(`${replica}: its snapshot's object ${name} is gone`);
      return new Uint8Array(bytes);
    };
    const snapshot = decodeReplicaSnapshot(await objectOf(ownName(pointer.number, replica)));
    const shards = new Map<number, Uint8Array>();
    for (const shard of pointer.shards) shards.set(shard, await objectOf(shardName(pointer.number, shard)));
    return { pointer, snapshot, shards };
  }

  async listen(inputs: BrokerInputs): Promise<void> {
    const { nc, names } = this.nats;
    this.inputs = inputs;
    const subscription = nc.subscribe(`${names.heard}.>`, { callback: (_, message) => this.hear(message) });
    const status = nc.status();
    this.stop = () => subscription.unsubscribe();
    void this.follow(status);
    await nc.flush();
    inputs.connected();
  }

  publish(item: Outgoing | OutgoingObject): void {
    if (item.stream === 'objects') {
      const put = { name: item.id };
      this.attempt(item.id, async () => {
        await this.nats.store.putBlob(put, item.bytes);
        return (inputs) => inputs.acknowledged(item.id);
      });
    } else
      this.attempt(item.id, async () => {
        const sent = await this.sender.send(item, this.nats.replica);
        if (sent === 'unasked') return nothing;
        return (inputs) => (sent === 'stored' ? inputs.acknowledged(item.id) : inputs.conflicted(item.id));
      });
  }

  poll(from: number): void {
    const { manager, names } = this.nats;
    this.attempt('poll', async () => {
      const { first, messages } = await readStream(manager, names.windows, from);
      return (inputs) =>
        inputs.page(
          from,
          first,
          messages.flatMap((message) => this.opened(message)),
        );
    });
  }

  getObject(name: string): void {
    this.attempt(`get ${name}`, async () => {
      const bytes = await this.nats.store.getBlob(name);
      return bytes === null ? nothing : (inputs) => inputs.objectGot(name, new Uint8Array(bytes));
    });
  }

  movePointer(pointer: ReplicaPointer): void {
    const { bucket, replica } = this.nats;
    this.attempt('pointer', async () => {
      const entry = await bucket.get(replica);
      const known = entry === null || entry.length === 0 ? undefined : readPointer(entry.value);
      if (known !== undefined && known.number >= pointer.number)
        return (inputs) => inputs.pointerMoved(known.number);
      const bytes = pointers.encode(pointer).finish();
      if (entry === null) await bucket.create(replica, bytes);
      else await bucket.update(replica, bytes, entry.revision);
      return (inputs) => inputs.pointerMoved(pointer.number);
    });
  }

  readPointer(last: number): void {
    this.attempt(`read pointer ${last}`, async () => {
      const pointer = await this.pointerOf(this.nats.replica);
      return (inputs) => inputs.pointerRead(last, pointer?.number ?? 0);
    });
  }

  pointers(): Promise<ReadonlyMap<string, ReplicaPointer>> {
    return patiently(this.nats.nc, async () => {
      const found = new Map<string, ReplicaPointer>();
      for (const replica of await this.pointerNames()) {
        const pointer = await this.pointerOf(replica);
        if (pointer !== undefined) found.set(replica, pointer);
      }
      return found;
    });
  }

  async purge({ sequence, number }: Needed): Promise<void> {
    const { nc, manager, names, store } = this.nats;
    if (sequence > 1) await patiently(nc, () => manager.streams.purge(names.windows, { seq: sequence }));
    if (number <= this.objectsFrom) return;
    this.objectsFrom = number;
    for (const { name } of await patiently(nc, () => store.list()))
      if (Number.parseInt(name, 10) < number) await patiently(nc, () => store.delete(name));
  }

  async readFacts(from: number): Promise<FactPage> {
    const { nc, manager, names } = this.nats;
    const { messages } = await patiently(nc, () => readStream(manager, names.facts, from, PAGE_MESSAGES));
    const batches: FactBatch[] = [];
    for (const message of messages)
      for (const { content } of this.opened(message, this.factParts))
        if (content.facts !== undefined) batches.push(content.facts);
    return { batches, next: (messages.at(-1)?.sequence ?? from - 1) + 1 };
  }

  async purgeFacts(below: number): Promise<void> {
    const { nc, manager, names } = this.nats;
    if (below > 1) await patiently(nc, () => manager.streams.purge(names.facts, { seq: below }));
  }

  async readRecords(from: number): Promise<RecordPage> {
    const { nc, manager, names } = this.nats;
    const page = await patiently(nc, () => readStream(manager, names.records, from, PAGE_RECORDS));
    const batches: RecordBatch[] = [];
    const storedMs: number[] = [];
    for (const message of page.messages)
      for (const { content } of this.opened(message, this.recordParts)) {
        if (content.records === undefined) continue;
        batches.push(content.records);
        storedMs.push(Date.parse(message.storedAt));
      }
    const next = (page.messages.at(-1)?.sequence ?? Math.max(from, page.first) - 1) + 1;
    return { batches, storedMs, gap: from < page.first && page.first > 1, next };
  }

  async purgeRecords(below: number): Promise<void> {
    const { nc, manager, names } = this.nats;
    if (below > 1) await patiently(nc, () => manager.streams.purge(names.records, { seq: below }));
  }

  async recordFill(): Promise<number> {
    const { nc, manager, names } = this.nats;
    const { state, config } = await patiently(nc, () => manager.streams.info(names.records));
    return config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
  }

  async keepState(reader: string, state: Uint8Array): Promise<void> {
    const { nc, store } = this.nats;
    await patiently(nc, () => store.putBlob({ name: `reader.${reader}` }, state));
  }

  async keptState(reader: string): Promise<Uint8Array | undefined> {
    return this.blobOf(`reader.${reader}`);
  }

  async savedShard(number: number, shard: number): Promise<Uint8Array | undefined> {
    return this.blobOf(shardName(number, shard));
  }

  close(): Promise<void> {
    this.stop?.();
    this.inputs = undefined;
    return Promise.resolve();
  }

  /** Tries something once and tells what came of it; what fails in hearing of it is a bug, and not caught here. */
  private attempt(what: string, act: () => Promise<Answer>): void {
    const { inputs, trying } = this;
    if (inputs === undefined || trying.has(what)) return;
    trying.add(what);
    const done = (answer: Answer): void => {
      trying.delete(what);
      if (this.inputs === inputs) answer(inputs);
    };
    const failed = (): void => {
      trying.delete(what);
      this.failures++;
    };
    void act().then(done, failed);
  }

  private hear(message: Msg): void {
    const sequence = Number(message.headers?.get('Nats-Sequence'));
    if (!(sequence > 0)) return;
    if (message.subject === this.own) {
      const answered = this.sender.heard(message);
      if (answered?.same === true) this.inputs?.acknowledged(answered.id);
      if (answered?.same === false) this.inputs?.conflicted(answered.id);
    }
    for (const stored of this.opened({ sequence, bytes: message.data })) this.inputs?.receive(stored);
  }

  /** None while parts are missing, nor of what cannot be read. */
  private opened(
    { sequence, bytes }: Omit<StoredBytes, 'storedAt'>,
    collector = this.collector,
  ): OpenedMessage[] {
    try {
      const content = decodeEnvelope(bytes);
      if (content.part === undefined) return [{ sequence, content }];
      const whole = collector.add(content.part);
      return whole === undefined ? [] : [{ sequence, content: decodeEnvelope(whole) }];
    } catch (error) {
      this.nats.onMalformed(`message ${sequence}: ${(error as Error).message}`);
      return [];
    }
  }

  private async follow(status: ReturnType<NatsConnection['status']>): Promise<void> {
    for await (const { type } of status) if (type === 'reconnect') this.inputs?.connected();
  }

  /** The bucket would make a consumer for the answer, and the server keep it for minutes: this is asked every moment. */
  private async pointerNames(): Promise<string[]> {
    const { manager, names } = this.nats;
    const { state } = await manager.streams.info(`KV_${names.pointers}`, { subjects_filter: '>' });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(`$KV.${names.pointers}.`.length));
  }

  private async blobOf(name: string): Promise<Uint8Array | undefined> {
    const { nc, store } = this.nats;
    const bytes = await patiently(nc, () => store.getBlob(name));
    return bytes === null ? undefined : new Uint8Array(bytes);
  }

  private async pointerOf(replica: string): Promise<ReplicaPointer | undefined> {
    const entry = await this.nats.bucket.get(replica);
    return entry === null || entry.length === 0 ? undefined : readPointer(entry.value);
  }
}

function readPointer(bytes: Uint8Array): ReplicaPointer {
  const { number, boundary, sequence, left, shards } = pointers.decode(bytes) as ReplicaPointer;
  return { number, boundary, sequence, left, shards: [...shards] };
}
