/** What a replica's protocol asks of the process around it, to be done in the order given. */
import type {
  BoundaryClosed,
  ReplicaPointer,
  ReplicaPosition,
  ShardBatch,
  WindowMessage,
} from '@orrery/proto';
import type { BusErrorCode } from '../errors.ts';

export type Action =
  /** Run the events of [start, end), then report. */
  | { do: 'run'; start: number; end: number; cut: number }
  /** Store this window; keep it until it is acknowledged. */
  | { do: 'publish'; message: WindowMessage }
  /** Put what peers sent into the queue. */
  | { do: 'deliver'; batches: readonly ShardBatch[] }
  /** The boundary is closed: its commands and enablings take effect before any other event there. */
  | { do: 'enter'; message: BoundaryClosed }
  /** Save these shards and the position: they stand before the boundary message that the pointer names. */
  | { do: 'snapshot'; pointer: ReplicaPointer; position: ReplicaPosition }
  /** Save these shards for their new owners, then drop them. */
  | { do: 'handOver'; number: number; shards: readonly number[] }
  /** Get these shards as they stood before boundary message `number`, then say `taken`. */
  | { do: 'takeOver'; number: number; shards: readonly number[] }
  /** The control window from boundary `from` is over, and nothing happens before `upTo`: say its facts. */
  | { do: 'report'; number: number; from: number; upTo: number }
  /** The replica has no shard any more. */
  | { do: 'leave'; pointer: ReplicaPointer }
  /** To the headnode: the boundary may be closed. */
  | { do: 'close'; number: number; boundary: number; next: number; floor: number }
  /** Read the stream from here to its end: something may be missing. */
  | { do: 'poll'; from: number }
  /** The run has come to its end. */
  | { do: 'end'; pointer: ReplicaPointer }
  | { do: 'stop'; code: BusErrorCode; detail: string };

/** What a replica did in one window; times in ns. */
export interface WindowReport {
  /** Earliest live pending time, of what only this replica knows. */
  readonly pending: number;
  /** Earliest due time of what was sent to shards of tight services on other replicas. */
  readonly earliestSent: number;
  /** Earliest due time of what was sent to shards of loose services on other replicas. */
  readonly earliestLoose: number;
  /** Earliest time at which a message to another replica could be sent if nothing more came in. */
  readonly promise: number;
  readonly batches: ShardBatch[];
}
