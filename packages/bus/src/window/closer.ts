/**
 * The closer is the headnode's part: it gathers what comes from outside and says it in boundary messages, once.
 *
 * Why.       A command must be stored, with its stamp, before it has any effect, and have it once however often it is asked.
 * Rules.     1. A command's stamp is the first boundary not yet closed.
 *            2. The caller is answered once the message that holds the command is stored.
 *            3. A request id that is known is the same command; ids are part of the state that a snapshot keeps.
 *            4. Enablings are numbered apart: tracing shifts no command's number.
 */
import type { BoundaryClosed, CloserState, Enabling, Member, StampedCommand } from '@orrery/proto';
import type { Action } from './action.ts';
import { sameBoundary } from './inbox.ts';

/** Plain data: part of the headnode's snapshot, but for what has not been stored. */
export interface Closer {
  /** Boundary, ns, of each request id ever stored. */
  known: Map<string, number>;
  commandNumber: number;
  enablingNumber: number;
  epoch: number;
  /** Every replica that was ever a member. */
  ever: Set<string>;
  /** Asked for and not said yet; lost with the process, as nobody was answered. */
  commands: StampedCommand[];
  enablings: Enabling[];
  /** Said and not stored yet. */
  proposed: BoundaryClosed | undefined;
}

export function newCloser(): Closer {
  return {
    known: new Map(),
    commandNumber: 0,
    enablingNumber: 0,
    epoch: 0,
    ever: new Set(),
    commands: [],
    enablings: [],
    proposed: undefined,
  };
}

/** Takes a command in. @returns the boundary it is stamped with if the request is a stored one, ns */
export function ask(closer: Closer, command: StampedCommand): number | undefined {
  const request = requestOf(command);
  const stamped = closer.known.get(request);
  if (stamped !== undefined) return stamped;
  const { commands, proposed } = closer;
  const same = (other: StampedCommand) => requestOf(other) === request;
  if (!commands.some(same) && !proposed?.commands.some(same)) commands.push(command);
  return undefined;
}

function requestOf({ command }: StampedCommand): string {
  return command?.requestId ?? '';
}

export interface Closing {
  hold: boolean;
  snapshot: boolean;
  /** When a new epoch begins here. */
  members?: Member[];
  /** Which process says it. */
  headnode: string;
}

/** The boundary's message, with everything asked for until now. */
export function closeBoundary(
  closer: Closer,
  to: Extract<Action, { do: 'close' }>,
  closing: Closing,
): BoundaryClosed {
  const { number, boundary, next, floor } = to;
  const { commandNumber, enablingNumber } = closer;
  const commands = closer.commands.map((stamped, at) => ({
    ...stamped,
    command: stamped.command && { ...stamped.command, n: commandNumber + at + 1, time: boundary },
  }));
  const enablings = closer.enablings.map(({ body }, at) => ({ n: enablingNumber + at + 1, body }));
  const { hold, snapshot, members, headnode } = closing;
  closer.commands = [];
  closer.enablings = [];
  closer.proposed = {
    number,
    boundary,
    epoch: closer.epoch + (members === undefined ? 0 : 1),
    members: members ?? [],
    next,
    floor,
    hold,
    snapshot,
    commands,
    enablings,
    headnode,
  };
  return closer.proposed;
}

/** What a stored boundary message settles. */
export interface Settled {
  /** Another process said it: this one must stop. */
  superseded: boolean;
}

/** A boundary message is stored and carried out. */
export function settle(closer: Closer, stored: BoundaryClosed): Settled {
  const { proposed } = closer;
  closer.epoch = stored.epoch;
  closer.commandNumber += stored.commands.length;
  closer.enablingNumber += stored.enablings.length;
  for (const { replica } of stored.members) closer.ever.add(replica);
  for (const command of stored.commands) closer.known.set(requestOf(command), stored.boundary);
  closer.commands = closer.commands.filter((command) => !closer.known.has(requestOf(command)));
  if (proposed?.number !== stored.number) return { superseded: false };
  closer.proposed = undefined;
  return { superseded: !sameBoundary(proposed, stored) };
}

/** What a snapshot keeps of it: what is stored, and nothing of what is only asked for. */
export function closerState(closer: Closer): CloserState {
  const { commandNumber, enablingNumber, epoch } = closer;
  const known = [...closer.known].map(([requestId, boundary]) => ({ requestId, boundary }));
  return { known, commandNumber, enablingNumber, epoch, ever: [...closer.ever] };
}

export function restoredCloser({ known, ever, ...numbers }: CloserState): Closer {
  return {
    ...newCloser(),
    ...numbers,
    known: new Map(known.map(({ requestId, boundary }) => [requestId, boundary])),
    ever: new Set(ever),
  };
}
