import { expect, test } from 'vitest';
import { newCounters } from '../counters.ts';
import { serveHttp } from './http.ts';
import { createMetrics } from './metrics.ts';

test('a process tells whether it is alive, whether it is ready, and its counters', async () => {
  const counters = newCounters();
  counters.windows = 12;
  counters.waitedMs.set('storage-0', 1500);
  counters.spans.set('exported', 3);
  const standing: { reason: string | undefined } = { reason: 'it has no shards' };
  const metrics = createMetrics(
    { service: 'fma' },
    () => counters,
    () => standing.reason === undefined,
  );
  const server = await serveHttp({ host: '127.0.0.1', port: 0, metrics, notReady: () => standing.reason });
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://${server.address}${path}`, { method });
    const type = response.headers.get('content-type');
    return { status: response.status, text: await response.text(), type };
  };
  expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  expect(await get('/readyz')).toMatchObject({ status: 503, text: 'it has no shards\n' });
  standing.reason = undefined;
  expect(await get('/readyz?verbose')).toMatchObject({ status: 200, text: 'ready\n' });
  const { text, type } = await get('/metrics');
  expect(type).toContain('application/openmetrics-text');
  expect(text).toContain('orrery_windows_total{service="fma"} 12\n');
  expect(text).toContain('orrery_wait_seconds_total{peer="storage-0",service="fma"} 1.5\n');
  expect(text).toContain('orrery_spans_total{outcome="exported",service="fma"} 3\n');
  expect(text).toContain('orrery_ready{service="fma"} 1\n');
  expect(await get('/')).toMatchObject({ status: 404 });
  expect(await get('/metrics', 'POST')).toMatchObject({ status: 405 });
  metrics.stop();
  await server.close();
});
