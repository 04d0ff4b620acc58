/** A real Jaeger takes a fault's story and gives it back as it was. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTracing } from '@orrery/tracer/adapters';
import { traceIdOf } from '../services/tracer/src/ids.ts';
import { factTeller, MS, observeRequest, S } from '../services/tracer/src/testing.case.ts';
import { startJaegerPart } from './parts/parts.ts';
import type { Jaeger, JaegerSpan } from './proof/jaeger.ts';

let jaeger: Jaeger;

beforeAll(async () => {
  ({ server: jaeger } = await startJaegerPart());
}, 120_000);
afterAll(() => jaeger?.stop());

/** Jaeger stores what it acknowledged a moment later, a trace in pieces. */
async function traceOf(id: string, spans: number): Promise<Map<string, JaegerSpan>> {
  for (let tries = 0; ; tries++) {
    const trace = await jaeger.trace(id);
    if (trace.length >= spans) return new Map(trace.map((span) => [span.name, span]));
    if (tries === 50) throw new Error(`not all of trace ${id}: ${trace.length} of ${spans} spans`);
    await setTimeout(100);
  }
}

describe('a real Jaeger', () => {
  test.each(['http', 'grpc'] as const)(
    'over %s it gives back the story with its services, nesting and ns',
    async (scheme) => {
      const tracing = createTracing({
        run: scheme,
        seed: 7,
        share: 1,
        otlp: scheme === 'http' ? jaeger.otlp : jaeger.otlpGrpc,
      });
      const tell = factTeller(tracing.observeFact);
      const disk = 'cn-0001/disk/c0t2d0';
      const f1 = { faultId: 'f1', kind: 'disk.fail', target: disk, params: [], askedBy: '' };
      const injected = tell(120 * S + 7, disk, 'faultInjected', f1);
      const pool = { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' };
      const poolDegraded = tell(135 * S + 1, 'cn-0001/pool/zones', 'poolStateChanged', pool, injected);
      const resilver = { pool: 'zones', vdev: 'c0t6d0', bytes: 20 };
      const started = tell(135 * S + 2, 'cn-0001/pool/zones', 'resilverStarted', resilver, poolDegraded);
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
      const spans = await traceOf(id, 4);
      const root = spans.get('fault f1 disk.fail');
      const degraded = spans.get('zones DEGRADED');
      expect(root).toMatchObject({ service: 'storage', start: 1767225720000000007n });
      expect(degraded).toMatchObject({ service: 'storage', parentSpanId: root?.spanId });
      expect(spans.get('resilver zones')).toMatchObject({
        parentSpanId: degraded?.spanId,
        start: 1767225735000000002n,
        end: 1767226181000000003n,
      });
      expect(spans.get('server unknown')).toMatchObject({ service: 'headnode' });
    },
  );
});
