/** What a replica knows of the protocol: plain data, changed by protocol.ts only. */
import type { Member, ReplicaPosition } from '@orrery/proto';
import { NEVER, type WindowRules } from './frontier.ts';
import { forgetBoundaries, forgetWindows, newInbox, type Inbox } from './inbox.ts';

export type Phase =
  /** No member of the present epoch, or has not read the stream yet. */
  | 'joining'
  /** Waits for a boundary message. */
  | 'boundary'
  /** Waits for shards from their old owners. */
  | 'taking'
  | 'running'
  /** Waits for the tight replicas' headers. */
  | 'exchanging'
  /** Waits for the loose replicas' headers. */
  | 'closing'
  | 'ended'
  | 'stopped';

export interface Replica {
  readonly self: string;
  readonly rules: WindowRules;
  /** Whether this replica closes boundaries. */
  readonly closes: boolean;
  phase: Phase;
  position: ReplicaPosition;
  tight: string[];
  loose: string[];
  shards: readonly number[];
  isLoose: boolean;
  /** End of the control window, ns. */
  cut: number;
  start: number;
  end: number;
  /** Earliest due time of what tight replicas sent to loose ones in this control window. */
  looseSent: number;
  tightClosed: boolean;
  /** The boundary waited for, ns. */
  due: number;
  /** Tight and loose numbers at the last boundary: what was before is forgotten at the next. */
  before: { tightN: number; looseN: number };
  inbox: Inbox;
  /** Place in the stream before which nothing is needed any more. */
  sequence: number;
}

export function newPosition(): ReplicaPosition {
  const none = { number: 0, boundary: 0, hold: false, epoch: 0, members: [] };
  return { ...none, n: 0, tightN: 0, looseN: 0, next: 0, floor: 0 };
}

/** A replica that has yet to read the stream. @param at where its snapshot was taken, or `newPosition()` and 0 */
export function newReplica(
  self: string,
  rules: WindowRules,
  at: { position: ReplicaPosition; sequence: number },
  closes: boolean,
): Replica {
  const { position, sequence } = at;
  const replica: Replica = {
    self,
    rules,
    closes,
    phase: 'joining',
    position: structuredClone(position),
    tight: [],
    loose: [],
    shards: [],
    isLoose: false,
    cut: 0,
    start: 0,
    end: 0,
    looseSent: NEVER,
    tightClosed: false,
    due: 0,
    before: { tightN: position.tightN, looseN: position.looseN },
    inbox: newInbox(position.epoch, position.number),
    sequence,
  };
  setMembers(replica, replica.position.members);
  for (const name of replica.tight) forgetWindows(replica.inbox, name, position.tightN);
  for (const name of replica.loose) forgetWindows(replica.inbox, name, position.looseN);
  return replica;
}

/** Lets go of what was merged before the last boundary. */
export function forgetOld(replica: Replica): void {
  const { inbox, position, before } = replica;
  for (const name of replica.tight) forgetWindows(inbox, name, before.tightN);
  for (const name of replica.loose) forgetWindows(inbox, name, before.looseN);
  forgetBoundaries(inbox, position.number - 1);
  replica.before = { tightN: position.tightN, looseN: position.looseN };
}

/** Turns to the replicas of an epoch. */
export function setMembers(replica: Replica, members: readonly Member[]): void {
  const own = members.find((member) => member.replica === replica.self);
  replica.tight = members.filter((member) => !member.loose).map((member) => member.replica);
  replica.loose = members.filter((member) => member.loose).map((member) => member.replica);
  replica.shards = own?.shards ?? [];
  replica.isLoose = own?.loose ?? false;
}
