/** A way to a run's broker, the same in one process and over a network; `bus.case.ts` says what each must do. */
import type { FactBatch, RecordBatch, ReplicaPointer } from '@orrery/proto';
import type { Broker, Needed, Restart, Stored } from './window/index.ts';

/** What a broker tells; a Runner has them all. */
export interface BrokerInputs {
  connected(): void;
  receive(stored: Stored): void;
  page(from: number, first: number, messages: readonly Stored[]): void;
  acknowledged(id: string): void;
  conflicted(id: string): void;
  objectGot(name: string, bytes: Uint8Array): void;
  pointerMoved(number: number): void;
  pointerRead(last: number, number: number): void;
}

/** One replica's connection. */
export interface OpenBroker extends Broker {
  /** Tries that failed, and were or will be made again. */
  readonly failures: number;
  /** Where the replica's last snapshot lets it go on. */
  restart(): Promise<Restart | undefined>;
  /** Subscribes, then says `connected`, and again after every loss of the connection. */
  listen(inputs: BrokerInputs): Promise<void>;
  pointers(): Promise<ReadonlyMap<string, ReplicaPointer>>;
  /** Lets go of windows and snapshots that nobody needs. */
  purge(needed: Needed): Promise<void>;
  /** Reads on in the stream of facts. @param from 0, or `next` of the page before */
  readFacts(from: number): Promise<FactPage>;
  /** Lets go of facts that are kept elsewhere. @param below `next` of a page */
  purgeFacts(below: number): Promise<void>;
  /** Reads on in the stream of records: what the tracer is told. @param from 0, or `next` of the page before */
  readRecords(from: number): Promise<RecordPage>;
  /** Lets go of records that need not be read again. @param below `next` of a page */
  purgeRecords(below: number): Promise<void>;
  /** How full the stream of records is, a fraction. */
  recordFill(): Promise<number>;
  /** Keeps what a reader of the run is to go on with; what it kept before is forgotten. */
  keepState(reader: string, state: Uint8Array): Promise<void>;
  keptState(reader: string): Promise<Uint8Array | undefined>;
  /** What a shard saved with a boundary's snapshot; undefined: not yet, or no longer. @param number of the boundary message */
  savedShard(number: number, shard: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Some batches of facts, as they are stored. */
export interface FactPage {
  readonly batches: readonly FactBatch[];
  /** Where the next page begins. */
  readonly next: number;
}

/** Some batches of records, as they are stored. */
export interface RecordPage {
  readonly batches: readonly RecordBatch[];
  /** When each was stored, ms since 1970; 0 where nobody knows. */
  readonly storedMs: readonly number[];
  /** Whether older ones were let go of before they were read. */
  readonly gap: boolean;
  /** Where the next page begins. */
  readonly next: number;
}

/** A run's broker. */
export interface Bus {
  open(replica: string): Promise<OpenBroker>;
}
