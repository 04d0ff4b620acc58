/** What a request shows of itself: spans that are nested, and whose ledgers sum to what they took. */
import { expect, test } from 'vitest';
import type { SpanRecord } from '@orrery/actor';
import { KIB, MS, SECOND, US } from '@orrery/kernel';
import { ledgerTotal } from '@orrery/proto';
import { closed, cpuStep, ioStep, startDataPlane, testVm } from './request-plane.case.ts';

test('reads are spans of the ARC and of the pool inside of their request', () => {
  const spans: SpanRecord[] = [];
  const program = {
    name: 'read',
    steps: [cpuStep(MS), ioStep('read', 16 * KIB, 8), cpuStep(MS)],
    replyBytes: 100,
  };
  // Sixteen at once on two CPUs: bursts wait for each other.
  const host = startDataPlane({
    vms: [testVm(1, 'cn-0001')],
    programs: [program],
    workloads: [closed(['uuid-1'], 'read', 16)],
    cpus: 2,
    onSpan: (_, __, span) => void spans.push(span as SpanRecord),
  });
  host.runUntil(3 * SECOND);
  const requests = new Map(spans.filter(({ name }) => name === 'read').map((span) => [span.key, span]));
  const inside = spans.filter(({ parent }) => requests.has(parent));
  const hits = inside.filter(({ name }) => name === 'arc read');
  expect(hits.length).toBeGreaterThan(100);
  expect(inside.filter(({ name }) => name === 'zio read').length).toBeGreaterThan(100);
  for (const { start, end, parent, trace, ledger } of inside) {
    const request = requests.get(parent)!;
    expect(trace).toBe(request.trace);
    expect(start).toBeGreaterThanOrEqual(request.start);
    expect(end).toBeLessThanOrEqual(request.end);
    expect(ledgerTotal(ledger!)).toBe(end - start);
  }
  for (const { start, end, attributes } of hits)
    expect(end - start).toBe(Number(attributes!['smartos.arc.hits']) * 4 * US);
});
