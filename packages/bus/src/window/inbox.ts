/**
 * The inbox finds a message by who sent it and its number; it never asks in which order messages came or were stored.
 *
 * Rules. 1. A message is kept once; the same bytes again change nothing, other bytes are told.
 *        2. What was sent in an epoch that has passed, or was merged before the last boundary but one, is forgotten, and
 *           what comes of it later is ignored.
 */
import type { BoundaryClosed, ShardBatch, WindowMessage } from '@orrery/proto';

export interface StoredBoundary {
  readonly message: BoundaryClosed;
  /** Place in the stream. */
  readonly sequence: number;
}

export interface Inbox {
  epoch: number;
  /** Of the present epoch, by replica and number. */
  windows: Map<string, Map<number, WindowMessage>>;
  /** Of epochs that have not begun here, by all three. */
  later: Map<string, WindowMessage>;
  boundaries: Map<number, StoredBoundary>;
  /** Numbers at or below these are forgotten, by replica. */
  forgotten: Map<string, number>;
  /** Boundary messages at or below it are forgotten. */
  boundariesForgotten: number;
}

export type Kept = 'new' | 'same' | 'other' | 'ignored';

export function newInbox(epoch: number, boundaryNumber: number): Inbox {
  return {
    epoch,
    windows: new Map(),
    later: new Map(),
    boundaries: new Map(),
    forgotten: new Map(),
    boundariesForgotten: boundaryNumber,
  };
}

export function windowOf(inbox: Inbox, replica: string, n: number): WindowMessage | undefined {
  return inbox.windows.get(replica)?.get(n);
}

/** Keeps a window of the present epoch or a later one. */
export function keepWindow(inbox: Inbox, message: WindowMessage): Kept {
  if (message.epoch < inbox.epoch) return 'ignored';
  if (message.epoch > inbox.epoch) {
    return keepIn(inbox.later, `${message.epoch}:${message.replica}:${message.n}`, message);
  }
  if (message.n <= (inbox.forgotten.get(message.replica) ?? 0)) return 'ignored';
  let ofReplica = inbox.windows.get(message.replica);
  if (ofReplica === undefined) inbox.windows.set(message.replica, (ofReplica = new Map()));
  return keepIn(ofReplica, message.n, message);
}

function keepIn<K>(table: Map<K, WindowMessage>, key: K, message: WindowMessage): Kept {
  const known = table.get(key);
  if (known !== undefined) return sameWindow(known, message) ? 'same' : 'other';
  table.set(key, message);
  return 'new';
}

export function keepBoundary(inbox: Inbox, message: BoundaryClosed, sequence: number): Kept {
  if (message.number <= inbox.boundariesForgotten) return 'ignored';
  const known = inbox.boundaries.get(message.number);
  if (known !== undefined) return sameBoundary(known.message, message) ? 'same' : 'other';
  inbox.boundaries.set(message.number, { message, sequence });
  return 'new';
}

/** Turns to a new epoch: what was kept of the old one goes. */
export function turnEpoch(inbox: Inbox, epoch: number): void {
  const waiting = inbox.later;
  inbox.epoch = epoch;
  inbox.windows = new Map();
  inbox.forgotten = new Map();
  inbox.later = new Map();
  for (const message of waiting.values()) keepWindow(inbox, message);
}

/** Forgets a replica's windows up to number `n`. */
export function forgetWindows(inbox: Inbox, replica: string, n: number): void {
  const ofReplica = inbox.windows.get(replica);
  const from = inbox.forgotten.get(replica) ?? 0;
  if (ofReplica !== undefined) for (let old = from + 1; old <= n; old++) ofReplica.delete(old);
  if (n > from) inbox.forgotten.set(replica, n);
}

export function forgetBoundaries(inbox: Inbox, number: number): void {
  for (const old of inbox.boundaries.keys()) if (old <= number) inbox.boundaries.delete(old);
  inbox.boundariesForgotten = Math.max(inbox.boundariesForgotten, number);
}

/** Whether two windows of one (epoch, replica, n) say the same, to the byte. */
export function sameWindow(a: WindowMessage, b: WindowMessage): boolean {
  return (
    a.start === b.start &&
    a.end === b.end &&
    a.pending === b.pending &&
    a.earliestSent === b.earliestSent &&
    a.earliestLoose === b.earliestLoose &&
    a.promise === b.promise &&
    a.batches.length === b.batches.length &&
    a.batches.every((batch, at) => sameBatch(batch, b.batches[at]))
  );
}

function sameBatch(a: ShardBatch, b: ShardBatch): boolean {
  return a.shard === b.shard && sameBytes(a.bytes, b.bytes);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Whether two boundary messages are one: a process never says two things of one boundary. */
export function sameBoundary(a: BoundaryClosed, b: BoundaryClosed): boolean {
  return a.number === b.number && a.headnode === b.headnode && a.boundary === b.boundary;
}
