/**
 * The local bus keeps a run's streams in memory, for replicas in one process: tests, and a distributed run without a broker.
 * What it tells is told later, never inside the call that caused it, and in the order stored.
 */
import type { ReplicaPointer } from '@orrery/proto';
import type { Bus, BrokerInputs, FactPage, OpenBroker, RecordPage } from './bus.ts';
import {
  decodeEnvelope,
  decodeReplicaSnapshot,
  encodeEnvelope,
  ownName,
  sameBytes,
  shardName,
  type Needed,
  type Outgoing,
  type OutgoingObject,
  type Restart,
} from './window/index.ts';

interface StoredBytes {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

interface Memory {
  windows: StoredBytes[];
  /** Sequence of the next window or boundary message. */
  next: number;
  boundaryLast: number;
  readonly facts: Uint8Array[];
  /** Their places begin at `recordsFrom`. */
  records: Uint8Array[];
  recordsFrom: number;
  readonly states: Map<string, Uint8Array>;
  readonly ids: Map<string, Uint8Array>;
  readonly objects: Map<string, Uint8Array>;
  readonly pointers: Map<string, ReplicaPointer>;
  readonly hearers: Set<BrokerInputs>;
}

export function localBus(): Bus {
  const memory: Memory = {
    windows: [],
    next: 1,
    boundaryLast: 0,
    facts: [],
    records: [],
    recordsFrom: 0,
    states: new Map(),
    ids: new Map(),
    objects: new Map(),
    pointers: new Map(),
    hearers: new Set(),
  };
  return { open: (replica) => Promise.resolve(new LocalBroker(memory, replica)) };
}

class LocalBroker implements OpenBroker {
  readonly failures = 0;
  private readonly memory: Memory;
  private readonly replica: string;
  private inputs: BrokerInputs | undefined;

  constructor(memory: Memory, replica: string) {
    this.memory = memory;
    this.replica = replica;
  }

  restart(): Promise<Restart | undefined> {
    const { pointers, objects } = this.memory;
    const pointer = pointers.get(this.replica);
    if (pointer === undefined || pointer.left) return Promise.resolve(pointer && { pointer });
    const snapshot = decodeReplicaSnapshot(objects.get(ownName(pointer.number, this.replica)) as Uint8Array);
    const shards = new Map<number, Uint8Array>();
    for (const shard of pointer.shards)
      shards.set(shard, objects.get(shardName(pointer.number, shard)) as Uint8Array);
    return Promise.resolve({ pointer, snapshot, shards });
  }

  listen(inputs: BrokerInputs): Promise<void> {
    this.inputs = inputs;
    this.memory.hearers.add(inputs);
    inputs.connected();
    return Promise.resolve();
  }

  publish(item: Outgoing | OutgoingObject): void {
    const { memory } = this;
    if (item.stream === 'objects') {
      memory.objects.set(item.id, item.bytes.slice());
      return this.tell((inputs) => inputs.acknowledged(item.id));
    }
    const bytes = encodeEnvelope(item.content);
    const known = memory.ids.get(item.id);
    if (known !== undefined) {
      const same = item.stream === 'records' || sameBytes(known, bytes);
      return this.tell((inputs) => (same ? inputs.acknowledged(item.id) : inputs.conflicted(item.id)));
    }
    if (item.expectedLast !== undefined && item.expectedLast !== memory.boundaryLast) return;
    memory.ids.set(item.id, bytes);
    if (item.stream === 'facts') memory.facts.push(bytes);
    else if (item.stream === 'records') memory.records.push(bytes);
    else {
      const stored = { sequence: memory.next++, bytes };
      memory.windows.push(stored);
      if (item.content.boundary !== undefined) memory.boundaryLast = stored.sequence;
      for (const hearer of memory.hearers)
        later(() => memory.hearers.has(hearer) && hearer.receive(opened(stored)));
    }
    this.tell((inputs) => inputs.acknowledged(item.id));
  }

  poll(from: number): void {
    const { windows, next } = this.memory;
    const messages = windows.filter(({ sequence }) => sequence >= from).map(opened);
    const first = windows[0]?.sequence ?? next;
    this.tell((inputs) => inputs.page(from, first, messages));
  }

  getObject(name: string): void {
    const bytes = this.memory.objects.get(name);
    if (bytes !== undefined) this.tell((inputs) => inputs.objectGot(name, bytes.slice()));
  }

  movePointer(pointer: ReplicaPointer): void {
    const { pointers } = this.memory;
    const known = pointers.get(this.replica);
    const further = known !== undefined && known.number > pointer.number ? known : pointer;
    pointers.set(this.replica, further);
    this.tell((inputs) => inputs.pointerMoved(further.number));
  }

  readPointer(last: number): void {
    const number = this.memory.pointers.get(this.replica)?.number ?? 0;
    this.tell((inputs) => inputs.pointerRead(last, number));
  }

  pointers(): Promise<ReadonlyMap<string, ReplicaPointer>> {
    return Promise.resolve(new Map(this.memory.pointers));
  }

  purge({ sequence: below, number }: Needed): Promise<void> {
    const { memory } = this;
    memory.windows = memory.windows.filter(({ sequence }) => sequence >= below);
    for (const name of memory.objects.keys())
      if (Number.parseInt(name, 10) < number) memory.objects.delete(name);
    return Promise.resolve();
  }

  readFacts(from: number): Promise<FactPage> {
    const { facts } = this.memory;
    const batches = facts.slice(from).flatMap((bytes) => decodeEnvelope(bytes).facts ?? []);
    return Promise.resolve({ batches, next: facts.length });
  }

  purgeFacts(): Promise<void> {
    return Promise.resolve();
  }

  readRecords(from: number): Promise<RecordPage> {
    const { records, recordsFrom } = this.memory;
    const unread = records.slice(Math.max(0, from - recordsFrom));
    const batches = unread.flatMap((bytes) => decodeEnvelope(bytes).records ?? []);
    const storedMs = batches.map(() => 0);
    const next = recordsFrom + records.length;
    return Promise.resolve({ batches, storedMs, gap: from < recordsFrom, next });
  }

  purgeRecords(below: number): Promise<void> {
    const { memory } = this;
    memory.records = memory.records.slice(Math.max(0, below - memory.recordsFrom));
    memory.recordsFrom = Math.max(memory.recordsFrom, below);
    return Promise.resolve();
  }

  recordFill(): Promise<number> {
    return Promise.resolve(0);
  }

  keepState(reader: string, state: Uint8Array): Promise<void> {
    this.memory.states.set(reader, state.slice());
    return Promise.resolve();
  }

  keptState(reader: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.memory.states.get(reader)?.slice());
  }

  savedShard(number: number, shard: number): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.memory.objects.get(shardName(number, shard))?.slice());
  }

  close(): Promise<void> {
    if (this.inputs !== undefined) this.memory.hearers.delete(this.inputs);
    this.inputs = undefined;
    return Promise.resolve();
  }

  private tell(say: (inputs: BrokerInputs) => void): void {
    const { inputs } = this;
    if (inputs !== undefined) later(() => this.inputs === inputs && say(inputs));
  }
}

function opened({ sequence, bytes }: StoredBytes): {
  sequence: number;
  content: ReturnType<typeof decodeEnvelope>;
} {
  return { sequence, content: decodeEnvelope(bytes) };
}

function later(act: () => unknown): void {
  void Promise.resolve().then(act);
}
