/** OTLP over gRPC: TraceService/Export, and the answer read. */
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { partial } from './otlp-http.ts';
import { type Attempt, createRetrier, RETRY, type RetryOptions, type SpanSink } from './sink.ts';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** Longest wait for an answer, ms. */
const ANSWER_MS_MAX = 10_000;
const retriable: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

function attemptOf(error: ServiceError | null, answer: Uint8Array | undefined, spans: number): Attempt {
  if (error === null) return { ...partial(answer ?? new Uint8Array()), retry: false };
  return { rejected: spans, message: error.message, retry: retriable.has(error.code) };
}

/** @param url `grpc://host:4317` */
export function createGrpcSink(url: string, options: RetryOptions = RETRY): SpanSink {
  const { protocol, host } = new URL(url);
  const secure = protocol === 'grpcs:';
  const client = new Client(host, secure ? credentials.createSsl() : credentials.createInsecure());
  const retrier = createRetrier(options);
  const call = (bytes: Buffer, spans: number): Promise<Attempt> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(
        EXPORT,
        (request: Buffer) => request,
        (reply: Buffer) => reply,
        bytes,
        { deadline: Date.now() + ANSWER_MS_MAX },
        (error, answer) => resolve(attemptOf(error, answer, spans)),
      );
    });
  return {
    name: url,
    send: (batch) => {
      const body = ProtobufTraceSerializer.serializeRequest([...batch]);
      if (body === undefined)
        return Promise.resolve({ rejected: batch.length, message: 'could not be serialised' });
      const bytes = Buffer.from(body);
      return retrier.send(() => call(bytes, batch.length));
    },
    hurry: retrier.hurry,
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}
