import { expect, test } from 'vitest';
import { isScarce, isTold, mustWait } from './record-room.ts';

const span = (trace: number, error = '') => ({
  name: 'page',
  trace,
  key: 1,
  parent: 0,
  start: 0,
  end: 1,
  error,
});
const share = (fill: number, error = ''): number =>
  Array.from({ length: 3200 }, (_, trace) => trace).filter((trace) => isTold(span(trace, error), fill, 7))
    .length;

test('the fuller the stream, the less is told: all, failed and one in 32, none', () => {
  expect(share(0.6)).toBe(3200);
  expect(share(0.7)).toBeGreaterThan(60);
  expect(share(0.7)).toBeLessThan(140);
  expect(share(0.7, 'ETIMEDOUT')).toBe(3200);
  expect(share(0.9, 'ETIMEDOUT')).toBe(0);
});

test('a batch run waits, and the tracer keeps less, before replicas give anything up', () => {
  expect([mustWait(0.2), mustWait(0.3)]).toEqual([false, true]);
  expect([isScarce(0.45), isScarce(0.55)]).toEqual([false, true]);
});
