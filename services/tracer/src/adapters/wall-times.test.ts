import { expect, test } from 'vitest';
import { WallTimes } from './wall-times.ts';

const SECOND = 1_000_000_000n;
const seconds = (n: number): number => n * 1e9;

test('a run that keeps up has one epoch, whatever its messages are late', () => {
  const times = new WallTimes(1000n * SECOND);
  for (const at of [1, 2, 60, 3600]) {
    times.isAt(seconds(at), (1000n + BigInt(at)) * SECOND + 80_000_000n);
    expect(times.epochOf(`trace ${at}`)).toBe(1000n * SECOND);
  }
});

test('after a pause a new trace is now, and one that had begun goes on as it was', () => {
  const times = new WallTimes(1000n * SECOND);
  expect(times.epochOf('story')).toBe(1000n * SECOND);
  times.isAt(seconds(20), 1620n * SECOND);
  expect(times.epochOf('request')).toBe(1600n * SECOND);
  expect(times.epochOf('story')).toBe(1000n * SECOND);
});

test('at ten times the wall no trace begins in the future', () => {
  const times = new WallTimes(0n);
  for (let wall = 1; wall < 100; wall++) {
    times.isAt(seconds(10 * wall), BigInt(wall) * SECOND);
    const beginsAt = times.epochOf(`at ${wall}`) + 10n * BigInt(wall) * SECOND;
    expect(beginsAt).toBe(BigInt(wall) * SECOND);
  }
});

test('what it remembers is bounded, and a trace that is told of stays', () => {
  const times = new WallTimes(0n);
  times.epochOf('story');
  times.isAt(0, 500n * SECOND);
  for (let n = 0; n < 50_000; n++) {
    times.epochOf(`request ${n}`);
    if (n % 10_000 === 0) expect(times.epochOf('story')).toBe(0n);
  }
  times.isAt(0, 900n * SECOND);
  expect(times.epochOf('request 0')).toBe(900n * SECOND);
});
