import { expect, test } from 'vitest';
import { spanIdOf, traceIdOf } from './ids.ts';

const run = { run: 'disk-dies', seed: 7 };

test('ids are a function of run, seed, kind and key', () => {
  expect(traceIdOf(run, 'request', 42)).toBe(traceIdOf({ run: 'disk-dies', seed: 7 }, 'request', 42));
  const others = [
    traceIdOf(run, 'request', 43),
    traceIdOf(run, 'fault', 42),
    traceIdOf({ run: 'disk-dies', seed: 8 }, 'request', 42),
    traceIdOf({ run: 'node-panics', seed: 7 }, 'request', 42),
  ];
  expect(new Set([traceIdOf(run, 'request', 42), ...others]).size).toBe(5);
});

test('trace ids are 128 bits and span ids 64, written in hexadecimal', () => {
  expect(traceIdOf(run, 'request', 1)).toMatch(/^[0-9a-f]{32}$/);
  expect(spanIdOf(run, 'request', 1)).toMatch(/^[0-9a-f]{16}$/);
});

test('100,000 spans have 100,000 ids', () => {
  const ids = new Set<string>();
  for (let key = 0; key < 100_000; key++) ids.add(spanIdOf(run, 'request', key));
  expect(ids.size).toBe(100_000);
});
