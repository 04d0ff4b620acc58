/** A Jaeger that is stopped for a while and started again has every span that was kept meanwhile. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTracing } from '@orrery/tracer/adapters';
import { traceIdOf } from '../services/tracer/src/ids.ts';
import { observeRequest, S } from '../services/tracer/src/testing.case.ts';
import { findJaeger, freePorts, startJaegerIn } from './proof/jaeger.ts';

/** How long it is away, s: a minute where all is proved. */
const AWAY = process.env['ORRERY_PROOF'] === 'full' ? 60 : 8;

test(`is away for ${AWAY} s and no kept span is lost`, async () => {
  const binary = await findJaeger();
  if (binary === undefined) throw new Error('no jaeger is on PATH or by ../shared/tools/real-parts jaeger');
  const folder = await mkdtemp(join(tmpdir(), 'orrery-jaeger-'));
  const ports = await freePorts();
  const run = { run: 'absent', seed: 7 };
  const before = await startJaegerIn(binary, folder, ports);
  const tracing = createTracing({ ...run, share: 1, live: true, otlp: before.otlp });
  let traces = 0;
  const serve = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      for (let n = 0; n < 40; n++)
        observeRequest(tracing as never, { trace: ++traces, start: traces * (S / 40), took: S / 100 });
      tracing.flush();
      await setTimeout(1000);
    }
  };
  await serve(5);
  expect(tracing.counts.exported).toBeGreaterThan(0);
  await before.stop();
  await serve(AWAY);
  expect(tracing.counts.pending).toBeGreaterThan(40 * (AWAY - 3));
  const after = await startJaegerIn(binary, folder, ports);
  await serve(8);
  const spans = 3 * traces;
  expect(await tracing.finish(traces * (S / 40) + 60 * S)).toEqual({
    made: spans,
    exported: spans,
    sampledOut: 0,
    failed: 0,
    pending: 0,
  });
  await setTimeout(2000);
  const lost: number[] = [];
  for (let trace = 1; trace <= traces; trace++) {
    const found = await after.trace(traceIdOf(run, 'request', trace));
    if (new Set(found.map(({ spanId }) => spanId)).size < 3) lost.push(trace);
  }
  await after.stop();
  expect(lost).toEqual([]);
}, 240_000);
