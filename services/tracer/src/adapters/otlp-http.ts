/** OTLP over HTTP: protobuf posted to `<url>/v1/traces`, and the answer read. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { type Attempt, createRetrier, RETRY, type RetryOptions, type SpanSink } from './sink.ts';

/** Longest wait for an answer, ms. */
const ANSWER_MS_MAX = 10_000;
const retriable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  return cause.message === '' && code !== undefined ? code : cause.message;
}

function endpointOf(url: string): string {
  const endpoint = new URL(url);
  if (!endpoint.pathname.endsWith('/v1/traces')) {
    endpoint.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/v1/traces`;
  }
  return endpoint.href;
}

async function post(endpoint: string, body: Uint8Array<ArrayBuffer>, spans: number): Promise<Attempt> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body,
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const answer = new Uint8Array(await response.arrayBuffer());
    if (response.ok) return { ...partial(answer), retry: false };
    const after = Number(response.headers.get('retry-after'));
    const waitMs = after > 0 ? after * 1_000 : undefined;
    const message = `HTTP ${response.status} ${response.statusText}`.trimEnd();
    return { rejected: spans, message, retry: retriable.has(response.status), waitMs };
  } catch (error) {
    return { rejected: spans, message: reasonOf(error), retry: true };
  }
}

/** What a collector that answered 200 says it did not take. */
export function partial(answer: Uint8Array): { rejected: number; message: string } {
  if (answer.length === 0) return { rejected: 0, message: '' };
  try {
    const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(answer);
    return {
      rejected: Number(partialSuccess?.rejectedSpans ?? 0),
      message: partialSuccess?.errorMessage ?? '',
    };
  } catch {
    return { rejected: 0, message: 'the answer could not be read' };
  }
}

/** @param url `http://host:4318`, with or without `/v1/traces` */
export function createHttpSink(url: string, options: RetryOptions = RETRY): SpanSink {
  const endpoint = endpointOf(url);
  const retrier = createRetrier(options);
  return {
    name: url,
    send: (batch) => {
      const body = ProtobufTraceSerializer.serializeRequest([...batch]);
      if (body === undefined)
        return Promise.resolve({ rejected: batch.length, message: 'could not be serialised' });
      const bytes = new Uint8Array(body);
      return retrier.send(() => post(endpoint, bytes, batch.length));
    },
    hurry: retrier.hurry,
    close: () => Promise.resolve(),
  };
}
