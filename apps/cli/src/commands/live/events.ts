/** `orrery events`: facts as they happen, or as they happened, from any point on. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Cursor, FollowedFact } from '@orrery/proto';
import { formatTime, parseDuration } from '@orrery/spec';
import type { ControlClient } from '@orrery/headnode/adapters';
import { status } from '@grpc/grpc-js';
import { Refusal } from '../../exit.ts';
import { isServiceError, withControl } from '../../live/connect.ts';
import type { Terminal } from '../../terminal.ts';
import type { LiveFlags } from './flags.ts';

export interface EventFlags extends LiveFlags {
  follow?: boolean;
  type: string[];
  actor: string[];
  since?: string;
  after?: string;
  all?: boolean;
}

/** Reported every second by whoever served: shown when asked for. */
const CHATTER = new Set(['zoneServed', 'clientServed', 'nodeServed', 'diskServed', 'linkServed']);
const RETRY_MS = 1000;

/** A place in the run, kept while the connection comes and goes. */
interface Place {
  after: Cursor | undefined;
}

export function eventsCommand(terminal: Terminal, flags: EventFlags): Promise<number> {
  const place: Place = { after: flags.after === undefined ? undefined : cursorOf(flags.after) };
  const quiet = flags.all !== true && flags.type.length === 0;
  const show = (fact: FollowedFact) => {
    place.after = fact.cursor;
    if (quiet && CHATTER.has(fact.type)) return;
    terminal.out(flags.json === true ? jsonOf(fact) : lineOf(fact));
  };
  return withControl(flags, async (client, address) => {
    for (let lost = false; ; lost = true) {
      try {
        await read(client, place, flags, show);
        return 0;
      } catch (error) {
        const gone = isServiceError(error) && error.code === status.UNAVAILABLE;
        if (!gone || flags.follow !== true || (place.after === undefined && !lost)) throw error;
        terminal.err(`${address} does not answer; trying again`);
        await wait(RETRY_MS);
      }
    }
  });
}

function read(
  client: ControlClient,
  { after }: Place,
  flags: EventFlags,
  show: (fact: FollowedFact) => void,
): Promise<void> {
  const fromNow = flags.follow === true && flags.since === undefined && after === undefined;
  const stream = client.stream('followFacts', {
    after,
    fromNow,
    fromTime: flags.since === undefined ? 0 : timeOf(flags.since),
    types: flags.type,
    actors: flags.actor,
    untilNow: flags.follow !== true,
  });
  return new Promise((resolve, reject) => {
    const interrupt = () => stream.cancel();
    process.once('SIGINT', interrupt);
    const over = () => {
      process.off('SIGINT', interrupt);
      resolve();
    };
    stream.on('data', ({ facts }: { facts: FollowedFact[] }) => {
      for (const fact of facts) show(fact);
    });
    stream.on('end', over);
    stream.on('error', (error) => {
      if (isServiceError(error) && error.code === status.CANCELLED) over();
      else {
        process.off('SIGINT', interrupt);
        reject(error);
      }
    });
  });
}

function jsonOf({ cursor, payloadJson, ...fact }: FollowedFact): string {
  const place = cursor === undefined ? '' : `${cursor.boundary}:${cursor.order}`;
  return JSON.stringify({ ...fact, payload: JSON.parse(payloadJson) as object, cursor: place });
}

function lineOf({ time, actor, type, payloadJson }: FollowedFact): string {
  const fields = Object.entries(JSON.parse(payloadJson) as Record<string, unknown>)
    .filter(([, value]) => value !== '' && value !== 0 && value !== false)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${formatTime(time)}  ${actor}  ${type}  ${fields.join(' ')}`.trimEnd();
}

/** `BOUNDARY:ORDER`, as `--json` prints it. */
function cursorOf(text: string): Cursor {
  const match = /^([0-9]{1,16}):([0-9]{1,12})$/.exec(text);
  if (match === null) throw new Refusal(`--after: expected a cursor as --json prints it, found "${text}"`);
  return { boundary: Number(match[1]), order: Number(match[2]) };
}

function timeOf(text: string): number {
  const time = parseDuration(text);
  if (time === undefined) throw new Refusal(`--since: expected a time (for instance 5m10s), found "${text}"`);
  return time;
}
