/** A collector that tests write themselves: takes OTLP over HTTP, answers as told, and counts what it took. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  status: number;
  body?: Uint8Array;
  headers?: Record<string, string>;
}

export interface Collector {
  url: string;
  /** Bodies of the requests that were answered 200. */
  taken: Buffer[];
  /** All requests. */
  requests: { path: string; type: string }[];
  close(): Promise<void>;
}

/** partial_success {rejected_spans, error_message}, in protobuf by hand; both are short. */
export function partialSuccess(rejected: number, message: string): Uint8Array {
  const text = Buffer.from(message);
  const inner = Buffer.concat([Buffer.from([0x08, rejected, 0x12, text.length]), text]);
  return Buffer.concat([Buffer.from([0x0a, inner.length]), inner]);
}

/** @param answers to the first requests, in order; later ones get 200 @param port 0: any that is free */
export async function startCollector(answers: Answer[] = [], port = 0): Promise<Collector> {
  const taken: Buffer[] = [];
  const requests: { path: string; type: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answers[requests.length] ?? { status: 200 };
      requests.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '' });
      if (answer.status === 200) taken.push(Buffer.concat(chunks));
      response.writeHead(answer.status, { 'content-type': 'application/x-protobuf', ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Spans of OTLP requests in protobuf, by span id: each as the bytes that it is, in hexadecimal. */
export function spansOf(bodies: readonly Buffer[]): Map<string, string> {
  const spans = new Map<string, string>();
  for (const body of bodies)
    for (const resource of fieldsOf(body, 1))
      for (const scope of fieldsOf(resource, 2))
        for (const span of fieldsOf(scope, 2)) {
          const [id] = fieldsOf(span, 2);
          spans.set(id.toString('hex'), span.toString('hex'));
        }
  return spans;
}

/** Every field of that number with a length, of one message. */
function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
