import { expect, test } from 'vitest';
import { collectingTracer, factTeller, MS, observeRequest, S } from './testing.case.ts';

test('a kept request is one trace, each span inside its parent, with conventional attributes', () => {
  const { tracer, spans } = collectingTracer({ share: 1 });
  observeRequest(tracer, { trace: 1, start: 5 * S, took: 8 * MS });
  tracer.finish(60 * S);
  expect(spans.map((span) => [span.service, span.name])).toEqual([
    ['storage', 'read'],
    ['compute-node', 'query'],
    ['client', 'load'],
  ]);
  const [read, query, load] = spans;
  expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
  expect(load.parentSpanId).toBe('');
  expect(query.parentSpanId).toBe(load.spanId);
  expect(read.parentSpanId).toBe(query.spanId);
  expect([load.start, query.start, read.start]).toEqual([5 * S, 5 * S + 2 * MS, 5 * S + 4 * MS]);
  expect(read.attributes['host.name']).toBe('cn-0001');
  expect([read.kind, query.kind, load.kind]).toEqual([0, 1, 2]);
});

test('the slowest of each operation and window, every error and nothing else are kept at share 0', () => {
  const { tracer, spans } = collectingTracer({ slowest: 2 });
  for (let i = 0; i < 1_000; i++) {
    const error = i === 500 ? 'timeout' : undefined;
    observeRequest(tracer, { trace: i + 1, start: i * 20 * MS, took: (1 + (i % 97)) * MS, error });
  }
  tracer.finish(60 * S);
  const roots = spans.filter((span) => span.parentSpanId === '');
  const longest = roots.filter((span) => span.error === '').map((span) => (span.end - span.start) / MS);
  expect(longest).toEqual([97, 97, 97, 97]);
  expect(roots.filter((span) => span.error === 'timeout')).toHaveLength(1);
  expect(tracer.counts).toEqual({ made: 3_000, emitted: 15, sampledOut: 2_985 });
});

test('a share of the ordinary is kept, the same in every run of a seed', () => {
  const kept = [1, 2].map(() => {
    const { tracer, spans } = collectingTracer({ share: 0.1, slowest: 0 });
    for (let i = 0; i < 5_000; i++) observeRequest(tracer, { trace: i + 1, start: i * MS, took: 2 * MS });
    tracer.finish(60 * S);
    return spans.filter((span) => span.parentSpanId === '').map((span) => span.traceId);
  });
  expect(kept[0]).toEqual(kept[1]);
  expect(kept[0].length).toBeGreaterThan(420);
  expect(kept[0].length).toBeLessThan(580);
});

test('a trace whose root never ends is judged in the end, and memory is bounded before that', () => {
  const { tracer, spans } = collectingTracer({ recordsMax: 100 });
  for (let trace = 1; trace <= 500; trace++) {
    const error = trace === 3 ? 'EIO' : undefined;
    const record = { name: 'read', trace, key: trace, parent: 999_999, start: 0, end: trace, error };
    tracer.observeSpan('storage', 'cn-0001/pool/zones', record);
  }
  expect(tracer.counts.sampledOut).toBeGreaterThan(390);
  tracer.finish(60 * S);
  expect(spans.map((span) => span.error)).toEqual(['EIO']);
  expect(tracer.counts).toEqual({ made: 500, emitted: 1, sampledOut: 499 });
});

test('a record that comes after its trace was kept joins it', () => {
  const { tracer, spans } = collectingTracer({ share: 1 });
  observeRequest(tracer, { trace: 1, start: 0, took: 8 * MS });
  observeRequest(tracer, { trace: 2, start: 5 * S, took: 8 * MS });
  const late = { name: 'read', trace: 1, key: 19, parent: 12, start: 6 * MS, end: 6 * S };
  tracer.observeSpan('storage', 'cn-0001/pool/zones', late);
  tracer.finish(60 * S);
  const first = spans.find((span) => span.end === 8 * MS);
  expect(spans.find((span) => span.end === 6 * S)?.traceId).toBe(first?.traceId);
});

test('a trace of 5,000 spans is parted, joined by links', () => {
  const { tracer, spans } = collectingTracer({ share: 1 });
  for (let i = 2; i <= 5_000; i++) {
    tracer.observeSpan('storage', 'cn-0001/pool/zones', {
      name: 'read',
      trace: 1,
      key: i,
      parent: 1,
      start: i,
      end: i + 1,
    });
  }
  tracer.observeSpan('compute-node', 'cn-0001/os', {
    name: 'scan',
    trace: 1,
    key: 1,
    parent: 0,
    start: 0,
    end: 6_000,
  });
  tracer.finish(60 * S);
  const sizes = new Map<string, number>();
  for (const { traceId } of spans) sizes.set(traceId, (sizes.get(traceId) ?? 0) + 1);
  expect([...sizes.values()].sort((a, b) => b - a)).toEqual([1_900, 1_900, 1_200]);
  const root = spans.find((span) => span.name === 'scan');
  const strays = spans.filter((span) => span.traceId !== root?.traceId);
  expect(strays.every((span) => span.parentSpanId === '' && span.links[0].spanId === root?.spanId)).toBe(
    true,
  );
});

test('a provisioning job is a trace of its steps', () => {
  const { tracer, spans } = collectingTracer({ share: 1 });
  const tell = factTeller(tracer.observeFact);
  const job = { job: 'j1', kind: 'provision', vm: 'vm1', executionBefore: '', error: '' };
  tell(S, 'headnode/job/1', 'jobStateChanged', { ...job, execution: 'queued' });
  const step = (time: number, name: string, tookNs: number) =>
    tell(time, 'headnode/job/1', 'jobStepFinished', { job: 'j1', vm: 'vm1', step: name, tookNs, detail: '' });
  step(3 * S, 'allocation_ticket', 2 * S);
  step(4 * S, 'clone', S);
  step(30 * S, 'boot', 26 * S);
  tell(30 * S, 'headnode/job/1', 'jobStateChanged', { ...job, execution: 'succeeded' });
  tracer.finish(60 * S);
  expect(spans.map((span) => [span.service, span.name, span.start / S, span.end / S])).toEqual([
    ['headnode', 'allocation_ticket', 1, 3],
    ['compute-node', 'clone', 3, 4],
    ['compute-node', 'boot', 4, 30],
    ['headnode', 'provision', 1, 30],
  ]);
  const root = spans[3];
  expect(spans.slice(0, 3).every((span) => span.parentSpanId === root.spanId)).toBe(true);
});

test('a span whose parent was never finished hangs on the root; without a root it is one', () => {
  const { tracer, spans } = collectingTracer({ share: 1 });
  const read = { name: 'read', trace: 1, key: 3, parent: 2, start: 10, end: 20 };
  tracer.observeSpan('storage', 'cn-0001/pool/zones', read);
  tracer.observeSpan('compute-node', 'client/load', {
    name: 'load',
    trace: 1,
    key: 1,
    parent: 0,
    start: 0,
    end: 30,
  });
  tracer.observeSpan('storage', 'cn-0001/pool/zones', { ...read, trace: 2, key: 5 });
  tracer.finish(60 * S);
  const root = spans.find((span) => span.name === 'load');
  const reads = spans.filter((span) => span.name === 'read');
  expect(reads.map((span) => span.parentSpanId)).toEqual([root?.spanId, '']);
  expect(reads.every((span) => span.attributes['orrery.parent.lost'] === true)).toBe(true);
});
