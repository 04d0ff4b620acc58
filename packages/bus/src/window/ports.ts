/** What a replica's process needs around it: a broker and a simulation. Answers of the broker come back as inputs. */
import type { BoundaryClosed, FactBatch, RecordBatch, ReplicaPointer, ShardBatch } from '@orrery/proto';
import type { BusErrorCode } from '../errors.ts';
import type { Action, WindowReport } from './action.ts';
import type { Outgoing, OutgoingObject } from './outbox.ts';

/** Runs the events of the shards it holds. Everything is synchronous. */
export interface Simulation {
  /** Makes a shard as it is at time 0; what its actors send at once goes out with the first window. */
  begin(shard: number): void;
  /** Runs what is due in [start, end). @param cut end of the control window, before which nothing reaches a loose service */
  runWindow(start: number, end: number, cut: number): WindowReport;
  /** Every fact of its shards since the last report. @param from boundary that began the control window, ns */
  report(from: number, upTo: number): FactBatch;
  /** What the tracer is told of the control window whose facts these are; undefined: nothing is traced. */
  records?(facts: FactBatch): RecordBatch | undefined;
  deliver(batches: readonly ShardBatch[]): void;
  enter(message: BoundaryClosed): void;
  save(shard: number): Uint8Array;
  restore(shard: number, bytes: Uint8Array): void;
  drop(shard: number): void;
}

/** Every call is one try: it may be lost, and is made again. */
export interface Broker {
  publish(item: Outgoing | OutgoingObject): void;
  /** Asks for every message stored at or after `from`; answered by `page`. */
  poll(from: number): void;
  /** Answered by `objectGot` when it is there. */
  getObject(name: string): void;
  /** Moves the replica's pointer unless it is further already; answered by `pointerMoved`. */
  movePointer(pointer: ReplicaPointer): void;
  /** Answered by `pointerRead` with the same `last`. */
  readPointer(last: number): void;
}

/** Hears what becomes of the replica. */
export interface Listener {
  /** To the headnode: the boundary may be closed; say when by `close`. */
  onClose?(close: Extract<Action, { do: 'close' }>): void;
  /** To the headnode: its word is stored; whoever asked for one of its commands may be answered. */
  onStored?(message: BoundaryClosed): void;
  onEnd(): void;
  onStop(code: BusErrorCode, detail: string): void;
}
