/** Connects commands to a live datacenter, and turns its refusals into the command line's own. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { status, type ServiceError } from '@grpc/grpc-js';
import { connectControl, parseListen, type ControlClient } from '@orrery/headnode/adapters';
import { Refusal } from '../exit.ts';
import { knownContexts, type SavedContext } from './context.ts';

export interface ConnectFlags {
  connect?: string;
  tokenFile?: string;
  tlsCa?: string;
}

/** @throws Refusal when nobody says where the datacenter is */
export function contextOf({ connect, tokenFile, tlsCa }: ConnectFlags): SavedContext {
  const known = knownContexts();
  const address = connect ?? process.env.ORRERY_CONNECT ?? known[0]?.address;
  if (address === undefined)
    throw new Refusal('no live datacenter is known: start one with "orrery up", or give --connect HOST:PORT');
  try {
    parseListen(address);
  } catch (error) {
    throw new Refusal(`--connect: ${(error as Error).message}`);
  }
  const own = known.find((context) => context.address === address);
  const token =
    tokenFile === undefined ? (process.env.ORRERY_TOKEN ?? own?.token) : readText(tokenFile).trim();
  const tls = tlsCa === undefined ? own?.tls : readText(tlsCa);
  return { address, token, tls };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Refusal(`${path}: cannot be read`);
  }
}

/** Does something with a live datacenter. @throws Refusal with what it refused */
export async function withControl<T>(
  flags: ConnectFlags,
  use: (client: ControlClient, address: string) => Promise<T>,
): Promise<T> {
  const context = contextOf(flags);
  const client = connectControl({ ...context, askedBy: `cli:${userInfo().username}` });
  try {
    return await use(client, context.address);
  } catch (error) {
    throw refusalOf(error, context.address);
  } finally {
    client.close();
  }
}

const REQUEST_IS_WRONG = new Set<number>([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.UNAUTHENTICATED,
  status.RESOURCE_EXHAUSTED,
]);

/** A failed call as a person can act on it; other errors as they are. */
export function refusalOf(error: unknown, address: string): unknown {
  if (!isServiceError(error)) return error;
  const { code, details } = error;
  if (code === status.UNAVAILABLE && !details.startsWith('the run'))
    return new Refusal(`${address}: ${unavailable(details)}`, 1);
  if (code === status.DEADLINE_EXCEEDED) return new Refusal(`${address}: no answer in time`, 1);
  return new Refusal(details, REQUEST_IS_WRONG.has(code) ? 2 : 1);
}

/** Why there is no connection, where more is known than that nobody listens. */
function unavailable(details: string): string {
  const last = /Last error: (.+?)(?:\. Resolution note: .*)?$/.exec(details)?.[1];
  if (last === undefined || last.includes('ECONNREFUSED')) return 'nobody answers (is "orrery up" running?)';
  return `no connection: ${last.replace(/^Error: | \(\d{4}-[^)]*\)$/g, '')}`;
}

export function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error && typeof (error as { code?: unknown }).code === 'number' && 'details' in error
  );
}
