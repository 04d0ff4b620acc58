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

/** @param answers to the first requests, in order; later ones get 200 */
export async function startCollector(answers: Answer[] = []): Promise<Collector> {
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
