/**
 * The outbox keeps what was said until the broker has it, and knows up to where everything is stored.
 *
 * Rules. 1. What is unacknowledged is sent again, in order, on every reconnect and after waiting.
 *        2. A snapshot's pointer moves only when everything said before the snapshot is stored, and only forward.
 */
import type { Envelope, Member, ReplicaPointer } from '@orrery/proto';

/** One message for a stream. */
export interface Outgoing {
  /** The broker stores one message of an id. */
  readonly id: string;
  readonly stream: 'windows' | 'facts' | 'records';
  readonly content: Envelope;
  /** Refuse it unless the last boundary message stored has this sequence; 0: unless there is none. */
  readonly expectedLast?: number;
}

/** One object of a snapshot; its name is its id. */
export interface OutgoingObject {
  readonly id: string;
  readonly stream: 'objects';
  readonly bytes: Uint8Array;
}

export interface Outbox {
  /** In the order said. */
  waiting: Map<string, { readonly item: Outgoing | OutgoingObject; readonly mark: number }>;
  mark: number;
  /** Snapshots taken, each with how much had been said. */
  pointers: { readonly pointer: ReplicaPointer; readonly mark: number }[];
  /** Ready to move, until the broker has it. */
  moving: ReplicaPointer | undefined;
}

export function newOutbox(): Outbox {
  return { waiting: new Map(), mark: 0, pointers: [], moving: undefined };
}

export function say(outbox: Outbox, item: Outgoing | OutgoingObject): void {
  const mark = outbox.waiting.get(item.id)?.mark ?? ++outbox.mark;
  outbox.waiting.set(item.id, { item, mark });
}

/** The broker has it. @returns whether it was waited for */
export function heard(outbox: Outbox, id: string): boolean {
  return outbox.waiting.delete(id);
}

/** Everything to be sent again. */
export function unacknowledged(outbox: Outbox): (Outgoing | OutgoingObject)[] {
  return [...outbox.waiting.values()].map(({ item }) => item);
}

/** A snapshot was taken and all of it said: its pointer waits for everything said until now. */
export function awaitPointer(outbox: Outbox, pointer: ReplicaPointer): void {
  outbox.pointers.push({ pointer, mark: outbox.mark });
}

/** Finds the newest pointer that may move now, and lets go of older ones. @returns whether there is a new one */
export function readyPointer(outbox: Outbox): boolean {
  if (outbox.pointers.length === 0) return false;
  let oldest = Infinity;
  for (const { mark } of outbox.waiting.values()) oldest = Math.min(oldest, mark);
  const at = outbox.pointers.findLastIndex(({ mark }) => mark < oldest);
  if (at < 0) return false;
  outbox.moving = outbox.pointers[at].pointer;
  outbox.pointers = outbox.pointers.slice(at + 1);
  return true;
}

/** From where on a run's streams and objects are needed; 0: all of it. */
export interface Needed {
  /** Sequence in the stream of windows. */
  readonly sequence: number;
  /** Number of a boundary message, as objects are named. */
  readonly number: number;
}

/**
 * What lies before may go: nobody restarts from there.
 * @param ever every replica that was ever a member @param members those of the present epoch
 */
export function neededFrom(
  ever: ReadonlySet<string>,
  members: readonly Member[],
  pointers: ReadonlyMap<string, ReplicaPointer>,
): Needed {
  let sequence = Infinity;
  let number = Infinity;
  for (const replica of ever) {
    const pointer = pointers.get(replica);
    if (pointer === undefined) return { sequence: 0, number: 0 };
    if (pointer.left && !members.some((member) => member.replica === replica)) continue;
    sequence = Math.min(sequence, pointer.sequence);
    number = Math.min(number, pointer.number);
  }
  return sequence === Infinity ? { sequence: 0, number: 0 } : { sequence, number };
}
