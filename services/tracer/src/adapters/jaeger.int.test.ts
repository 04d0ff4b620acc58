import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { traceIdOf } from '../ids.ts';
import { factTeller, MS, observeRequest, S } from '../testing.case.ts';
import { createTracing } from './tracing.ts';

function findJaeger(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const parts = join(process.env.PARTS ?? join(cache, 'orrery-parts'), 'bin/jaeger');
  if (existsSync(parts)) return parts;
  try {
    return execFileSync('sh', ['-c', 'command -v jaeger'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface JaegerSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

interface JaegerTrace {
  result: {
    resourceSpans: {
      resource: { attributes: { key: string; value: { stringValue: string } }[] };
      scopeSpans: { spans: JaegerSpan[] }[];
    }[];
  };
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** Jaeger stores what it acknowledged a moment later, a trace in pieces. */
async function traceOf(port: number, id: string, spans: number): Promise<JaegerTrace> {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v3/traces/${id}`);
    const text = await response.text();
    if (response.ok) {
      const trace = JSON.parse(text) as JaegerTrace;
      const scopes = trace.result.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
      if (scopes.flatMap((scope) => scope.spans).length >= spans) return trace;
    }
    if (tries === 50) throw new Error(`not all of trace ${id}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the test does not use is left out, so that another Jaeger on the machine is not in the way. */
const LEAN = [
  'service.extensions=[jaeger_storage,jaeger_query]',
  'service.pipelines.traces.receivers=[otlp]',
  'service.telemetry.metrics.level=none',
];

const binary = findJaeger();

describe.skipIf(binary === undefined)(
  'a real Jaeger (skipped: no `jaeger` in the parts cache or on PATH)',
  () => {
    let jaeger: ChildProcess;
    const ports = { query: 0, http: 0, grpc: 0 };

    beforeAll(async () => {
      const free = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
      [ports.query, ports.http, ports.grpc] = free;
      const set = (key: string, port: number) => ['--set', `${key}=127.0.0.1:${port}`];
      jaeger = spawn(
        binary ?? '',
        [
          ...set('extensions.jaeger_query.http.endpoint', ports.query),
          ...set('extensions.jaeger_query.grpc.endpoint', free[3]),
          ...set('receivers.otlp.protocols.http.endpoint', ports.http),
          ...set('receivers.otlp.protocols.grpc.endpoint', ports.grpc),
          ...LEAN.flatMap((entry) => ['--set', entry]),
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let log = '';
      jaeger.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
      for (let tries = 0; ; tries++) {
        const isUp =
          (await answers(`http://127.0.0.1:${ports.query}/api/services`)) &&
          (await answers(`http://127.0.0.1:${ports.http}/`));
        if (isUp) return;
        if (tries > 150 || jaeger.exitCode !== null) throw new Error(`jaeger did not start:\n${log}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }, 30_000);

    afterAll(() => {
      jaeger.kill();
    });

    test.each(['http', 'grpc'] as const)(
      'over %s it gives back the story with its services, nesting and ns',
      async (scheme) => {
        const tracing = createTracing({
          run: scheme,
          seed: 7,
          share: 1,
          otlp: `${scheme}://127.0.0.1:${ports[scheme]}`,
        });
        const tell = factTeller(tracing.observeFact);
        const disk = 'cn-0001/disk/c0t2d0';
        const f1 = { faultId: 'f1', kind: 'disk.fail', target: disk, params: [], askedBy: '' };
        const injected = tell(120 * S + 7, disk, 'faultInjected', f1);
        const pool = { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' };
        const degraded = tell(135 * S + 1, 'cn-0001/pool/zones', 'poolStateChanged', pool, injected);
        const resilver = { pool: 'zones', vdev: 'c0t6d0', bytes: 20 };
        const started = tell(135 * S + 2, 'cn-0001/pool/zones', 'resilverStarted', resilver, degraded);
        for (let i = 0; i < 1_000; i++)
          observeRequest(tracing as never, { trace: i + 1, start: 140 * S + i * MS, took: 8 * MS });
        tell(
          140 * S,
          'headnode',
          'serverStatusChanged',
          { server: 'cn-0001', statusBefore: 'running', status: 'unknown', lastHeartbeat: 0 },
          injected,
        );
        tell(
          581 * S + 3,
          'cn-0001/pool/zones',
          'resilverFinished',
          { ...resilver, errors: 0, tookNs: 1 },
          started,
        );
        const counts = await tracing.finish(600 * S);
        expect(counts).toEqual({ made: 3_004, exported: 3_004, sampledOut: 0, failed: 0, pending: 0 });

        const id = traceIdOf({ run: scheme, seed: 7 }, 'fault', 'f1');
        const { result } = await traceOf(ports.query, id, 4);
        const spans = new Map<string, JaegerSpan & { service: string }>();
        for (const { resource, scopeSpans } of result.resourceSpans) {
          const service = resource.attributes.find((a) => a.key === 'service.name')?.value.stringValue ?? '';
          for (const span of scopeSpans.flatMap((scope) => scope.spans))
            spans.set(span.name, { ...span, service });
        }
        const root = spans.get('fault f1 disk.fail');
        expect(root).toMatchObject({ service: 'storage', startTimeUnixNano: '1767225720000000007' });
        expect(spans.get('zones DEGRADED')).toMatchObject({ service: 'storage', parentSpanId: root?.spanId });
        expect(spans.get('resilver zones')).toMatchObject({
          parentSpanId: spans.get('zones DEGRADED')?.spanId,
          startTimeUnixNano: '1767225735000000002',
          endTimeUnixNano: '1767226181000000003',
        });
        expect(spans.get('server unknown')).toMatchObject({ service: 'headnode' });
      },
    );
  },
);
