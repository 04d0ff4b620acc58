/** A client of the control API, typed by its methods. */
import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  credentials,
  Client,
  Metadata,
  type ChannelCredentials,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { controlDefinition, type MethodName, type RequestOf, type ResponseOf } from './definition.ts';
import type { UnaryName } from './unary.ts';

export interface ControlClientOptions {
  /** `HOST:PORT`. */
  address: string;
  token?: string;
  /** Root certificate, PEM, when the server has one that nobody else knows; '' for the well-known ones. */
  tls?: string;
  /** Who asks, as the log will tell. */
  askedBy?: string;
}

type StreamName = Exclude<MethodName, UnaryName>;

export interface ControlClient {
  /** @throws ServiceError @param deadlineMs from now */
  call<M extends UnaryName>(
    method: M,
    request: Partial<RequestOf<M>>,
    deadlineMs?: number,
  ): Promise<ResponseOf<M>>;
  /** @throws ServiceError while it is read */
  stream<M extends StreamName>(
    method: M,
    request: Partial<RequestOf<M>>,
  ): ClientReadableStream<ResponseOf<M>>;
  close(): void;
}

const DEADLINE_MS = 10_000;

export function connectControl(options: ControlClientOptions): ControlClient {
  const { address, token, tls, askedBy } = options;
  const client = new Client(address, channelCredentials(tls), {
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2000,
  });
  const metadata = () => {
    const values = new Metadata();
    if (token !== undefined) values.set('authorization', `Bearer ${token}`);
    if (askedBy !== undefined) values.set('orrery-asked-by', askedBy);
    return values;
  };
  return {
    call: (name, request, deadlineMs = DEADLINE_MS) => {
      const { path, requestSerialize, responseDeserialize } = method(name);
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata(),
          { deadline: Date.now() + deadlineMs },
          (error: ServiceError | null, response) => {
            if (error === null) resolve(response as never);
            else reject(error);
          },
        );
      });
    },
    stream: (name, request) => {
      const { path, requestSerialize, responseDeserialize } = method(name);
      const call = client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata(),
      );
      return call as ClientReadableStream<never>;
    },
    close: () => client.close(),
  };
}

function method(name: MethodName): (typeof controlDefinition)[string] {
  return controlDefinition[name] as (typeof controlDefinition)[string];
}

function channelCredentials(tls: string | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  if (tls === '') return credentials.createSsl();
  return credentials.createSsl(Buffer.from(tls), null, null, {
    checkServerIdentity: (host, presented) =>
      isOf(presented, tls) ? undefined : checkServerIdentity(host, presented),
  });
}

/** Whether it is the very certificate that is trusted, which is the server's by whatever name it is called. */
function isOf({ raw }: PeerCertificate, pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.equals(raw);
  } catch {
    return false;
  }
}
