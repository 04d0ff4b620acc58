/** The control API over gRPC: service, reflection, health, credentials. */
import { randomUUID } from 'node:crypto';
import {
  Server,
  ServerCredentials,
  logVerbosity,
  setLogVerbosity,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation, protoPath as healthProto } from 'grpc-health-check';
import { protoFolder } from '@orrery/proto/files';
import { invalid, type RunControl } from '../control/index.ts';
import { requireToken } from './credentials.ts';
import {
  controlDefinition,
  serviceName,
  type MethodName,
  type Received,
  type RequestOf,
} from './definition.ts';
import { describedIn } from './described.ts';
import { serveExport } from './export.ts';
import { Followers, type FollowCall } from './follow.ts';
import { checkListen } from './listen.ts';
import { serviceError } from './status.ts';
import { unary, type Call, type UnaryName } from './unary.ts';

export interface ControlServerOptions {
  run: RunControl;
  /** `HOST:PORT`; port 0: any that is free. */
  listen: string;
  /** Bearer token that every call must bring. Needed beyond loopback. */
  token?: string;
  tls?: { certificate: Uint8Array; key: Uint8Array };
}

export interface ControlServer {
  /** `HOST:PORT` as bound. */
  readonly address: string;
  /** Clients that follow facts. */
  readonly followers: number;
  close(): Promise<void>;
}

/** The service, what its refusals carry, and the health service. */
const DESCRIBED = ['orrery/v1/control.proto', 'google/rpc/error_details.proto', healthProto];
// A vmadm payload or a fault with all its parameters is a few kilobytes; a command has to fit into a message of a broker, too.
const REQUEST_BYTES_MAX = 1 << 19;

/** @throws TypeError on a listen address that is none, or beyond loopback without a token; Error when it is taken */
export async function serveControl(options: ControlServerOptions): Promise<ControlServer> {
  const { run, listen, token, tls } = options;
  const { host } = checkListen(listen, token);
  // What it would print is in the error that the caller gets.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': REQUEST_BYTES_MAX,
    interceptors: token === undefined ? [] : [requireToken(token)],
  });
  const followers = new Followers(run);
  server.addService(controlDefinition, implementation(run, followers));
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' });
  health.addToServer(server);
  const described = describedIn(protoFolder, DESCRIBED);
  new ReflectionService(described).addToServer(server);
  const port = await bind(server, listen, tls);
  return {
    address: `${host}:${port}`,
    get followers() {
      return followers.count;
    },
    close: () => {
      health.setStatus(serviceName, 'NOT_SERVING');
      followers.close();
      return shutDown(server);
    },
  };
}

function bind(server: Server, listen: string, tls: ControlServerOptions['tls']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(listen, credentialsOf(tls), (error, port) => {
      if (error === null) resolve(port);
      else reject(/EADDRINUSE/.test(error.message) ? new Error('another program listens there') : error);
    });
  });
}

function credentialsOf(tls: ControlServerOptions['tls']): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  try {
    return ServerCredentials.createSsl(null, [
      { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) },
    ]);
  } catch (error) {
    throw new Error(`expected a certificate and its key, PEM: ${String((error as Error).message)}`);
  }
}

// What a client that does not hang up may keep us waiting, ms.
const SHUTDOWN_MS = 500;

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, SHUTDOWN_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function implementation(run: RunControl, followers: Followers): UntypedServiceImplementation {
  const streams: Record<'followFacts' | 'exportLog', handleServerStreamingCall<object, object>> = {
    followFacts: (call) => begun(call, (request) => followers.add(call, request as RequestOf<'followFacts'>)),
    exportLog: (call) =>
      begun(call, (request) => serveExport(run, call, (request as RequestOf<'exportLog'>).format)),
  };
  const answers = Object.fromEntries(
    (Object.keys(unary) as UnaryName[]).map((name) => [name, answer(run, name)]),
  );
  return { ...answers, ...streams } satisfies Record<string, unknown> as UntypedServiceImplementation &
    Record<MethodName, unknown>;
}

function answer(run: RunControl, name: UnaryName): handleUnaryCall<object, object> {
  const handle = unary[name] as (call: Call, request: object) => object | Promise<object>;
  return (call, callback) => {
    const patience = new AbortController();
    call.on('cancelled', () => patience.abort());
    const context: Call = {
      run,
      askedBy: askedBy(call.metadata),
      freshId: randomUUID,
      patience: patience.signal,
    };
    Promise.resolve()
      .then(() => handle(context, received(call.request)))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(serviceError(error)),
      );
  };
}

function begun(call: FollowCall, begin: (request: object) => void): void {
  try {
    begin(received(call.request));
  } catch (error) {
    call.emit('error', serviceError(error));
  }
}

function received(request: object): object {
  const read = request as Received;
  if (read.ok) return read.value;
  throw invalid([{ field: 'request', description: read.message }]);
}

/** Who asks, as the caller says. */
function askedBy(metadata: Metadata): string {
  const [given] = metadata.get('orrery-asked-by');
  return typeof given === 'string' && /^[\x20-\x7e]{1,64}$/.test(given) ? given : 'control';
}
