/** A way to a run's broker, the same in one process and over a network; `bus.case.ts` says what each must do. */
import type { FactBatch, ReplicaPointer } from '@orrery/proto';
import type { Broker, Restart, Stored } from './window/index.ts';

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
  /** Lets go of what is stored below this sequence. */
  purge(below: number): Promise<void>;
  /** Reads on in the stream of facts. @param from 0, or `next` of the page before */
  readFacts(from: number): Promise<FactPage>;
  /** Lets go of facts that are kept elsewhere. @param below `next` of a page */
  purgeFacts(below: number): Promise<void>;
  close(): Promise<void>;
}

/** Some batches of facts, as they are stored. */
export interface FactPage {
  readonly batches: readonly FactBatch[];
  /** Where the next page begins. */
  readonly next: number;
}

/** A run's broker. */
export interface Bus {
  open(replica: string): Promise<OpenBroker>;
}
