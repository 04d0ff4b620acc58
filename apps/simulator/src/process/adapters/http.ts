/** What a process tells about itself over HTTP: /healthz, /readyz, /metrics. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

export interface HttpOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  metrics: Metrics;
  /** Why it is not ready; undefined: it is. */
  notReady: () => string | undefined;
}

export interface HttpServer {
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** @throws when the address cannot be listened on */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port } = options;
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, port: chosen, family } = server.address() as AddressInfo;
  return {
    address: family === 'IPv6' ? `[${address}]:${chosen}` : `${address}:${chosen}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  { metrics, notReady }: HttpOptions,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(method === 'HEAD' ? undefined : text);
  };
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(405, 'expected GET or HEAD\n');
  }
  switch (url?.split('?')[0]) {
    case '/healthz':
      return send(200, 'ok\n');
    case '/readyz': {
      const reason = notReady();
      return reason === undefined ? send(200, 'ready\n') : send(503, `${reason}\n`);
    }
    case '/metrics':
      return send(200, await metrics.text(), metrics.contentType);
    default:
      return send(404, 'expected /healthz, /readyz or /metrics\n');
  }
}
