/** The way to a broker: who we are, what is trusted, and a connection that comes back for ever. */
import { setTimeout } from 'node:timers/promises';
import {
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';

const RECONNECT_MS = 100;
const RECONNECT_MS_MAX = 5000;

/** Where a broker is, and as whom it is entered. */
export interface NatsAccess {
  /** `host:port`, `nats://host:port` or `tls://host:port`, several with commas between; may hold `user:password@`. */
  url: string;
  user?: string;
  password?: string;
  /** Text of a file with an nkey's seed. */
  nkeySeed?: string;
  /** Text of a credentials file: a JWT and its seed. */
  creds?: string;
  /** File with the root certificate of a server with TLS, PEM. */
  tlsCaFile?: string;
}

export interface NatsOptions extends NodeConnectionOptions {
  servers: string | string[];
}

/** Options of a connection. @throws RangeError on an address that is none */
export function natsOptions(access: NatsAccess): NatsOptions {
  const { tlsCaFile, nkeySeed, creds } = access;
  const places = access.url.split(',').map((place) => placeOf(place.trim()));
  const user = access.user ?? places.find((place) => place.user !== undefined)?.user;
  const password = access.password ?? places.find((place) => place.password !== undefined)?.password;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const authenticator =
    creds !== undefined
      ? credsAuthenticator(encode(creds))
      : nkeySeed !== undefined
        ? nkeyAuthenticator(encode(nkeySeed.trim()))
        : user !== undefined
          ? usernamePasswordAuthenticator(user, password)
          : undefined;
  const tls = tlsCaFile !== undefined || places.some((place) => place.tls);
  return {
    servers: places.map(({ server }) => server),
    ...(authenticator && { authenticator }),
    ...(tls && { tls: tlsCaFile === undefined ? {} : { caFile: tlsCaFile } }),
  };
}

interface ServerPlace {
  server: string;
  tls: boolean;
  user?: string;
  password?: string;
}

function placeOf(text: string): ServerPlace {
  const [, scheme = 'nats', within, server] =
    /^(?:(nats|tls):\/\/)?(?:([^@/]*)@)?([\w.-]+(?::\d{1,5})?|\[[\da-fA-F:]+\](?::\d{1,5})?)$/.exec(text) ??
    [];
  if (server === undefined)
    throw new RangeError(`expected host:port or nats://host:port, found "${withoutPassword(text)}"`);
  const place = { server, tls: scheme === 'tls' };
  if (within === undefined) return place;
  const [user, ...password] = within.split(':');
  return { ...place, user: decodeURIComponent(user), password: decodeURIComponent(password.join(':')) };
}

/** An address fit for a log or a message. */
export function withoutPassword(url: string): string {
  return url.replace(/[^@/,\s]*@/g, '');
}

/** A connection that comes back for ever, waiting longer each time, up to 5 s. */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  let delayMs = RECONNECT_MS;
  const nc = await connect({
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    // Without it, each request takes a stack trace in case it fails.
    noAsyncTraces: true,
    reconnectDelayHandler: () => {
      delayMs = Math.min(2 * delayMs, RECONNECT_MS_MAX);
      return delayMs / 2;
    },
    ...options,
  });
  const follow = async (): Promise<void> => {
    for await (const { type } of nc.status()) if (type === 'reconnect') delayMs = RECONNECT_MS;
  };
  void follow();
  return nc;
}

/** Hears of the connection. */
export interface ConnectionListener {
  /** A try failed; another is made after a while. */
  onWait(reason: string): void;
  /** The connection is lost, or back. */
  onChange(connected: boolean): void;
}

/** The same, and tells how it goes, from the first try on. @throws the signal's reason when that ends it */
export async function awaitNats(
  options: NatsOptions,
  listener: ConnectionListener,
  signal: AbortSignal,
): Promise<NatsConnection> {
  for (let delayMs = RECONNECT_MS; ; delayMs = Math.min(2 * delayMs, RECONNECT_MS_MAX)) {
    signal.throwIfAborted();
    try {
      const nc = await connectNats({ ...options, waitOnFirstConnect: false });
      void follow(nc, listener);
      return nc;
    } catch (error) {
      const { message, cause } = error as Error;
      listener.onWait(cause instanceof Error ? `${message}: ${cause.message}` : message);
    }
    await setTimeout(delayMs);
  }
}

async function follow(nc: NatsConnection, { onChange }: ConnectionListener): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === 'disconnect') onChange(false);
    if (type === 'reconnect') onChange(true);
  }
}
