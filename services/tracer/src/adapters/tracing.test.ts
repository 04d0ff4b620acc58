import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { MS, observeRequest, S } from '../testing.case.ts';
import { type Collector, partialSuccess, spansOf, startCollector } from './collector.case.ts';
import { createTracing, type Tracing, type TracingOptions } from './tracing.ts';

const retry = { attempts: 4, waitMs: 5, waitMsMax: 50 };

async function sendRequests(count: number, options: Partial<TracingOptions>): Promise<Tracing> {
  const tracing = createTracing({ run: 'test', seed: 7, share: 1, retry, ...options });
  for (let i = 0; i < count; i++) {
    observeRequest(tracing as never, { trace: i + 1, start: i * MS, took: 4 * MS });
    if (tracing.full) await tracing.drain();
  }
  await tracing.finish(3_600 * S);
  return tracing;
}

async function withCollector(collector: Collector, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await collector.close();
  }
}

test('spans go out as protobuf in batches of 1,000 and every one is acknowledged', async () => {
  const collector = await startCollector();
  await withCollector(collector, async () => {
    const tracing = await sendRequests(5_000, { otlp: collector.url });
    expect(tracing.counts).toEqual({ made: 15_000, exported: 15_000, sampledOut: 0, failed: 0, pending: 0 });
    expect(collector.requests).toHaveLength(15);
    expect(collector.requests[0]).toEqual({ path: '/v1/traces', type: 'application/x-protobuf' });
  });
});

test('503 and 429 are tried again, what is refused for good is failed with its reason', async () => {
  const busy = { status: 503 };
  const collector = await startCollector([
    busy,
    { status: 429, headers: { 'retry-after': '0' } },
    { status: 200 },
  ]);
  await withCollector(collector, async () => {
    const tracing = await sendRequests(10, { otlp: collector.url });
    expect(tracing.counts).toMatchObject({ exported: 30, failed: 0 });
    expect(collector.requests).toHaveLength(3);
  });
  const strict = await startCollector([{ status: 400 }]);
  await withCollector(strict, async () => {
    const tracing = await sendRequests(10, { otlp: strict.url });
    expect(tracing.counts).toMatchObject({ made: 30, exported: 0, failed: 30 });
    expect(tracing.failures).toEqual([{ sink: strict.url, message: 'HTTP 400 Bad Request', spans: 30 }]);
  });
});

test('partial_success is read: rejected spans are failed', async () => {
  const collector = await startCollector([{ status: 200, body: partialSuccess(7, 'too old') }]);
  await withCollector(collector, async () => {
    const tracing = await sendRequests(10, { otlp: collector.url });
    expect(tracing.counts).toEqual({ made: 30, exported: 23, sampledOut: 0, failed: 7, pending: 0 });
    expect(tracing.failures).toEqual([{ sink: collector.url, message: 'too old', spans: 7 }]);
  });
});

test('a collector that is down costs its retries once; every span is said to have failed', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  for (const otlp of [`http://127.0.0.1:${port}`, `grpc://127.0.0.1:${port}`]) {
    const tracing = await sendRequests(5_000, { otlp });
    expect(tracing.counts).toEqual({ made: 15_000, exported: 0, sampledOut: 0, failed: 15_000, pending: 0 });
    const refused = tracing.failures.filter((failure) => failure.message.includes('ECONNREFUSED'));
    expect(refused.reduce((sum, failure) => sum + failure.spans, 0)).toBe(15_000);
  }
});

test('over gRPC the same: Export is called, UNAVAILABLE tried again, partial_success read', async () => {
  const bodies: Buffer[] = [];
  let calls = 0;
  const server = new Server();
  const bytes = (value: Buffer) => value;
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  server.addService(
    { Export: method } as never,
    {
      Export: (call: { request: Buffer }, done: (error: object | null, answer?: Buffer) => void) => {
        calls++;
        if (calls === 1) return done({ code: 14, details: 'starting' });
        bodies.push(call.request);
        done(null, Buffer.from(partialSuccess(2, 'no room')));
      },
    } as never,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const tracing = await sendRequests(10, { otlp: `grpc://127.0.0.1:${port}` });
  server.forceShutdown();
  expect(calls).toBe(2);
  expect(bodies[0].length).toBeGreaterThan(1_000);
  expect(tracing.counts).toMatchObject({ made: 30, exported: 28, failed: 2 });
});

test('the file holds OTLP JSON lines with times exact to the nanosecond, the same in every run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-spans-'));
  const texts: string[] = [];
  for (const name of ['a.jsonl', 'b.jsonl']) {
    const file = join(folder, name);
    const tracing = createTracing({ run: 'test', seed: 7, share: 1, file });
    tracing.observeSpan('compute-node', 'client/load', {
      name: 'load',
      trace: 1,
      key: 1,
      parent: 0,
      start: 1,
      end: 123_456_789_013,
    });
    await tracing.finish(3_600 * S);
    expect(tracing.counts).toEqual({ made: 1, exported: 1, sampledOut: 0, failed: 0, pending: 0 });
    texts.push(await readFile(file, 'utf8'));
  }
  expect(texts[0]).toBe(texts[1]);
  const request = JSON.parse(texts[0].trimEnd()) as {
    resourceSpans: { resource: object; scopeSpans: { spans: Record<string, unknown>[] }[] }[];
  };
  const [resource] = request.resourceSpans;
  expect(resource.resource).toMatchObject({
    attributes: [
      { key: 'service.name', value: { stringValue: 'client' } },
      { key: 'service.namespace', value: { stringValue: 'orrery' } },
      { key: 'orrery.run', value: { stringValue: 'test' } },
      { key: 'orrery.seed', value: { intValue: 7 } },
    ],
  });
  expect(resource.scopeSpans[0].spans[0]).toMatchObject({
    startTimeUnixNano: '1767225600000000001',
    endTimeUnixNano: '1767225723456789013',
  });
});

test('a file that cannot be written fails its spans and says why', async () => {
  const tracing = await sendRequests(1, { file: '/nonexistent/spans.jsonl' });
  expect(tracing.counts).toMatchObject({ made: 3, exported: 0, failed: 3 });
  expect(tracing.failures[0].message).toContain('ENOENT');
});

test('a URL of another kind is refused before anything runs', () => {
  expect(() => createTracing({ run: 'r', seed: 1, otlp: 'ftp://host' })).toThrow('expected http://host:4318');
});

test('a patient exporter waits for a collector that is away, until it is to end', async () => {
  const first = await startCollector();
  const port = Number(new URL(first.url).port);
  await first.close();
  const tracing = createTracing({
    run: 'test',
    seed: 7,
    share: 1,
    otlp: first.url,
    retry: { ...retry, patient: true },
  });
  for (let i = 0; i < 40; i++) observeRequest(tracing as never, { trace: i + 1, start: i * S, took: 4 * MS });
  tracing.flush();
  await setTimeout(300);
  expect(tracing.counts).toMatchObject({ exported: 0, failed: 0 });
  const second = await startCollector([], port);
  await withCollector(second, async () => {
    const counts = await tracing.finish(3_600 * S);
    expect(counts).toEqual({ made: 120, exported: 120, sampledOut: 0, failed: 0, pending: 0 });
  });
  const nobody = createTracing({
    run: 'test',
    seed: 7,
    share: 1,
    otlp: first.url,
    retry: { ...retry, patient: true },
  });
  observeRequest(nobody as never, { trace: 1, start: 0, took: 4 * MS });
  expect(await nobody.finish(3_600 * S)).toMatchObject({ exported: 0, failed: 3 });
});

test('what goes on from a checkpoint exports the rest, under the same ids, and counts all', async () => {
  const whole = await startCollector();
  const parts = await startCollector();
  const feed = (tracing: Tracing, from: number, to: number): void => {
    for (let i = from; i < to; i++)
      observeRequest(tracing as never, { trace: i + 1, start: i * S, took: 4 * MS });
  };
  const options = { run: 'test', seed: 7, share: 0.3, retry };
  await withCollector(whole, () =>
    withCollector(parts, async () => {
      const one = createTracing({ ...options, otlp: whole.url });
      feed(one, 0, 200);
      const counts = await one.finish(3_600 * S);
      const before = createTracing({ ...options, otlp: parts.url });
      feed(before, 0, 100);
      const { tracer, settled } = before.checkpoint();
      const copied = structuredClone(tracer);
      feed(before, 100, 130);
      const resumed = { tracer: copied, ...(await settled) };
      const after = createTracing({ ...options, otlp: parts.url, resumed });
      feed(after, 100, 200);
      expect(await after.finish(3_600 * S)).toEqual(counts);
      expect(spansOf(parts.taken)).toEqual(spansOf(whole.taken));
    }),
  );
});
