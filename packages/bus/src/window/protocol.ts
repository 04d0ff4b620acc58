/**
 * A replica's protocol says what may run and what must be waited for; it does not run events, nor send anything.
 *
 * Why.       Processes that die, and a broker that loses, repeats and reorders, must not be seen in the result.
 * Intuition. Two loops. Inside a control window, tight replicas run a window, exchange headers, and compute the next one.
 *            Loose replicas run the whole control window and follow the headers. When all have closed it, all compute the next
 *            boundary, and wait for the headnode's word on it.
 * Rules.     1. A window runs once every message that could be due in it has been merged.
 *            2. A header is computed before its peers' are merged.
 *            3. A header that differs from what this replica computes stops the run: its own, or a peer's bounds.
 *            4. No event at a boundary runs before the boundary message.
 * State.     Between two control windows it is a ReplicaPosition and no more.
 */
import type { BoundaryClosed, ShardBatch, WindowMessage } from '@orrery/proto';
import type { BusErrorCode } from '../errors.ts';
import type { Action, WindowReport } from './action.ts';
import { controlEnd, frontierOf, NEVER, nextBoundary, nextWindow } from './frontier.ts';
import {
  forgetBoundaries,
  keepBoundary,
  keepWindow,
  turnEpoch,
  windowOf,
  type StoredBoundary,
} from './inbox.ts';
import { forgetOld, newPosition, setMembers, type Replica } from './replica.ts';

/** A stored window, from wherever it was heard. */
export function receiveWindow(replica: Replica, message: WindowMessage): Action[] {
  if (replica.phase === 'stopped' || replica.position.epoch === 0) return [];
  if (keepWindow(replica.inbox, message) === 'other') {
    const { epoch, replica: of, n } = message;
    return stop(replica, 'ORRERY_BUS_DIVERGED', `${of} said two things in window ${n} of epoch ${epoch}`);
  }
  return replica.phase === 'joining' ? [] : advance(replica);
}

/** A stored boundary message. @param sequence its place in the stream */
export function receiveBoundary(replica: Replica, message: BoundaryClosed, sequence: number): Action[] {
  if (replica.phase === 'stopped') return [];
  if (keepBoundary(replica.inbox, message, sequence) === 'other') {
    return stop(replica, 'ORRERY_BUS_DIVERGED', `boundary message ${message.number} is stored twice`);
  }
  return replica.phase === 'joining' ? [] : advance(replica);
}

/** Everything stored from where the snapshot was taken to the stream's end, as it then was, has been received. */
export function caughtUp(replica: Replica): Action[] {
  const { boundary, next, hold, epoch } = replica.position;
  if (replica.phase !== 'joining' || epoch === 0) return [];
  return nameNext(replica, nextBoundary(boundary, next, hold, replica.rules));
}

/**
 * The same of a replica that is no member: it joins with the first epoch that names it. What was heard from beyond `last`
 * does not count, as an earlier epoch may lie between.
 */
export function join(replica: Replica, last: number): Action[] {
  if (replica.phase !== 'joining' || replica.position.epoch > 0) return [];
  const naming = [...replica.inbox.boundaries.values()]
    .filter(({ sequence }) => sequence <= last)
    .filter(({ message }) => message.members.some((member) => member.replica === replica.self))
    .sort((a, b) => a.message.number - b.message.number);
  if (naming.length === 0) return [];
  turnEpoch(replica.inbox, naming[0].message.epoch - 1);
  const actions: Action[] = [];
  carryOut(replica, naming[0], actions);
  return [...actions, ...advance(replica), poll(replica)];
}

/** The shards asked for by `takeOver` are here. */
export function taken(replica: Replica): Action[] {
  if (replica.phase !== 'taking') return [];
  const stored = replica.inbox.boundaries.get(replica.position.number) as StoredBoundary;
  const actions: Action[] = [];
  enterControl(replica, stored.message, actions);
  return [...actions, ...advance(replica)];
}

/** What the window asked for by `run` came to. */
export function ran(replica: Replica, report: WindowReport): Action[] {
  const { position, start, end, cut } = replica;
  const bound = replica.isLoose ? cut : end;
  if (report.earliestSent < bound || report.earliestLoose < cut || report.promise < report.pending) {
    const { earliestSent, earliestLoose, promise, pending } = report;
    const sent = `sent ${earliestSent}, to loose ${earliestLoose}, promise ${promise}, pending ${pending}`;
    return stop(replica, 'ORRERY_BUS_EARLY', `window [${start}, ${end}) of ${replica.self}: ${sent}`);
  }
  const message = {
    epoch: position.epoch,
    replica: replica.self,
    n: ++position.n,
    start,
    end,
    ...report,
  };
  const kept = keepWindow(replica.inbox, message);
  if (kept === 'other')
    return stop(replica, 'ORRERY_BUS_DIVERGED', `window ${message.n} [${start}, ${end}) of ${replica.self}`);
  replica.phase = 'exchanging';
  const publish: Action[] = kept === 'new' ? [{ do: 'publish', message }] : [];
  return [...publish, ...advance(replica)];
}

/** Asks for what may be missing: on every reconnect, and after waiting. */
export function poll(replica: Replica): Action {
  return { do: 'poll', from: replica.sequence };
}

/** Goes on as far as what is here allows. */
function advance(replica: Replica): Action[] {
  const actions: Action[] = [];
  for (;;) {
    if (replica.phase === 'exchanging') {
      if (replica.tightClosed) replica.phase = 'closing';
      else if (!mergeTight(replica, actions)) return actions;
    } else if (replica.phase === 'closing') {
      if (!mergeLoose(replica, actions)) return actions;
    } else if (replica.phase === 'boundary') {
      const stored = replica.inbox.boundaries.get(replica.position.number + 1);
      if (stored === undefined) return actions;
      carryOut(replica, stored, actions);
    } else return actions;
  }
}

/** Merges the tight replicas' next window. @returns false when one is missing */
function mergeTight(replica: Replica, actions: Action[]): boolean {
  const { position, inbox } = replica;
  const n = position.tightN + 1;
  const headers: WindowMessage[] = [];
  for (const name of replica.tight) {
    const message = windowOf(inbox, name, n);
    if (message === undefined) return false;
    headers.push(message);
  }
  const { start, end } = nextWindow(position, replica.rules, replica.cut);
  for (const header of headers) {
    if (header.start === start && header.end === end) continue;
    const said = `${header.replica} ran [${header.start}, ${header.end}) as window ${n}`;
    actions.push(...stop(replica, 'ORRERY_BUS_DIVERGED', `${said}, ${replica.self} has [${start}, ${end})`));
    return false;
  }
  position.tightN = n;
  deliver(replica, headers, actions);
  Object.assign(position, frontierOf(headers));
  for (const header of headers) replica.looseSent = Math.min(replica.looseSent, header.earliestLoose);
  replica.tightClosed = end >= replica.cut || position.next >= replica.cut;
  if (!replica.tightClosed && !replica.isLoose) run(replica, actions);
  return true;
}

/** Merges the loose replicas' control window and finds the next boundary. @returns false when one is missing */
function mergeLoose(replica: Replica, actions: Action[]): boolean {
  const { position, inbox, rules } = replica;
  const n = position.looseN + 1;
  const headers: WindowMessage[] = [];
  for (const name of replica.loose) {
    const message = windowOf(inbox, name, n);
    if (message === undefined) return false;
    headers.push(message);
  }
  position.looseN = n;
  deliver(replica, headers, actions);
  position.next = Math.min(position.next, replica.looseSent);
  for (const { pending, earliestSent, earliestLoose } of headers) {
    position.next = Math.min(position.next, pending, earliestSent, earliestLoose);
    position.floor = Math.min(position.floor, earliestSent);
  }
  const due = nextBoundary(position.boundary, position.next, position.hold, rules);
  actions.push(...closeControl(replica, due));
  return true;
}

function deliver(replica: Replica, messages: readonly WindowMessage[], actions: Action[]): void {
  const batches: ShardBatch[] = [];
  for (const message of messages) {
    if (message.replica === replica.self) continue;
    for (const batch of message.batches) if (replica.shards.includes(batch.shard)) batches.push(batch);
  }
  if (batches.length > 0) actions.push({ do: 'deliver', batches });
}

/** The control window is closed: its facts are said. */
function closeControl(replica: Replica, due: number): Action[] {
  const { number, boundary: from } = replica.position;
  const upTo = Math.min(due, replica.rules.endNs);
  return [{ do: 'report', number, from, upTo }, ...nameNext(replica, due)];
}

/** Boundary `due` comes next, or the run's end. */
function nameNext(replica: Replica, due: number): Action[] {
  const { position } = replica;
  const { boundary } = position;
  replica.due = due;
  const number = position.number + 1;
  if (due >= replica.rules.endNs) {
    replica.phase = 'ended';
    const { sequence } = replica;
    return [{ do: 'end', pointer: { number, boundary, sequence, left: true, shards: [] } }];
  }
  replica.phase = 'boundary';
  const close: Action[] =
    replica.closes && !replica.inbox.boundaries.has(number)
      ? [{ do: 'close', number, boundary: due, next: position.next, floor: position.floor }]
      : [];
  return [...close, ...advance(replica)];
}

/** Carries out a boundary message: snapshot, change of epoch, then the control window. */
function carryOut(replica: Replica, { message, sequence }: StoredBoundary, actions: Action[]): void {
  const { position } = replica;
  const joins = replica.phase === 'joining';
  const { number, boundary, next, floor } = message;
  if (!joins && (boundary !== replica.due || next !== position.next || floor !== position.floor)) {
    const mine = `${replica.due} (next ${position.next}, floor ${position.floor})`;
    const said = `boundary message ${number} names ${boundary} (next ${next}, floor ${floor})`;
    actions.push(...stop(replica, 'ORRERY_BUS_DIVERGED', `${said}, ${replica.self} has ${mine}`));
    return;
  }
  if (message.snapshot && !joins)
    actions.push({
      do: 'snapshot',
      pointer: { number, boundary, sequence, left: false, shards: [...replica.shards] },
      position: structuredClone(position),
    });
  Object.assign(position, { number, boundary, next, floor, hold: message.hold });
  replica.sequence = sequence;
  if (message.epoch === position.epoch) {
    forgetOld(replica);
    enterControl(replica, message, actions);
  } else changeEpoch(replica, message, sequence, actions);
}

function changeEpoch(replica: Replica, message: BoundaryClosed, sequence: number, actions: Action[]): void {
  const { position } = replica;
  const { number, boundary } = message;
  const old = replica.shards;
  position.epoch = message.epoch;
  position.members = message.members;
  position.n = position.tightN = position.looseN = 0;
  replica.before = { tightN: 0, looseN: 0 };
  turnEpoch(replica.inbox, message.epoch);
  forgetBoundaries(replica.inbox, number - 1);
  setMembers(replica, message.members);
  const leaving = old.filter((shard) => !replica.shards.includes(shard));
  const arriving = replica.shards.filter((shard) => !old.includes(shard));
  if (leaving.length > 0) actions.push({ do: 'handOver', number, shards: leaving });
  if (!message.members.some((member) => member.replica === replica.self)) {
    actions.push({ do: 'leave', pointer: { number, boundary, sequence, left: true, shards: [] } });
    replica.phase = 'joining';
    Object.assign(position, newPosition(), { number });
    forgetBoundaries(replica.inbox, number);
  } else if (arriving.length > 0) {
    replica.phase = 'taking';
    actions.push({ do: 'takeOver', number, shards: arriving });
  } else enterControl(replica, message, actions);
}

function enterControl(replica: Replica, message: BoundaryClosed, actions: Action[]): void {
  const { position } = replica;
  replica.cut = controlEnd(position.boundary, replica.rules);
  replica.looseSent = NEVER;
  replica.tightClosed = replica.tight.length === 0;
  actions.push({ do: 'enter', message });
  if (message.commands.length > 0) {
    position.next = Math.min(position.next, position.boundary);
    position.floor = Math.min(position.floor, position.boundary);
  }
  run(replica, actions);
  if (replica.tightClosed) position.next = position.floor = NEVER;
}

function run(replica: Replica, actions: Action[]): void {
  const { position, rules, cut } = replica;
  const window = replica.isLoose ? { start: position.boundary, end: cut } : nextWindow(position, rules, cut);
  replica.start = window.start;
  replica.end = window.end;
  replica.phase = 'running';
  actions.push({ do: 'run', ...window, cut });
}

function stop(replica: Replica, code: BusErrorCode, detail: string): Action[] {
  replica.phase = 'stopped';
  return [{ do: 'stop', code, detail }];
}
