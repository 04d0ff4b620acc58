import { expect, test } from 'vitest';
import { makeStream, next32, uniform, uniformInt, type Stream } from './random.ts';

const times = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

test('a seed and a name give the same numbers always', () => {
  const stream = makeStream(7, 'cn-0003/disk/c0t2d0:faults');
  expect(times(4, () => next32(stream))).toEqual(GOLDEN_WORDS);
  expect(times(2, () => uniform(stream))).toEqual(GOLDEN_UNIFORMS);
});

test('another seed, owner or purpose gives other numbers', () => {
  const firsts = [
    makeStream(7, 'cn-0003:faults'),
    makeStream(8, 'cn-0003:faults'),
    makeStream(7, 'cn-0004:faults'),
    makeStream(7, 'cn-0003:arrivals'),
  ].map(next32);
  expect(new Set(firsts).size).toBe(4);
});

test('a stream is plain data and goes on from a copy', () => {
  const stream = makeStream(1, 'a:b');
  times(1000, () => uniform(stream));
  const copy = JSON.parse(JSON.stringify(stream)) as Stream;
  expect(times(10, () => uniform(copy))).toEqual(times(10, () => uniform(stream)));
  const before = { ...stream };
  next32(stream);
  expect(before.state).not.toEqual(stream.state);
});

test('uniform numbers lie in [0, 1), evenly', () => {
  const stream = makeStream(2, 'a:b');
  const drawn = times(40_000, () => uniform(stream)).sort((a, b) => a - b);
  expect(drawn[0]).toBeGreaterThanOrEqual(0);
  expect(drawn.at(-1)).toBeLessThan(1);
  const distance = Math.max(...drawn.map((u, at) => Math.abs(u - at / drawn.length)));
  expect(distance).toBeLessThan(1.63 / Math.sqrt(drawn.length)); // Kolmogorov and Smirnov, 1 in 100
});

test('streams of neighbouring names are not correlated', () => {
  const [a, b] = [makeStream(1, 'cn-0001:a'), makeStream(1, 'cn-0002:a')];
  const products = times(20_000, () => (uniform(a) - 0.5) * (uniform(b) - 0.5) * 12);
  expect(Math.abs(products.reduce((sum, x) => sum + x, 0) / 20_000)).toBeLessThan(3 / Math.sqrt(20_000));
});

test('uniform integers are each equally likely and stay below n', () => {
  const stream = makeStream(3, 'a:b');
  const counts = new Array<number>(6).fill(0);
  for (let n = 0; n < 60_000; n++) counts[uniformInt(stream, 6)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(9_700);
  expect(Math.max(...counts)).toBeLessThan(10_300);
  expect(uniformInt(stream, 1)).toBe(0);
  // 2/3 of 2^53 as n: a modulo would favour the lower half two to one.
  const n = Math.floor(2 ** 54 / 3);
  const low = times(3000, () => uniformInt(stream, n)).filter((drawn) => drawn < n / 2).length;
  expect(Math.abs(low - 1500)).toBeLessThan(100);
  for (const wrong of [0, -1, NaN, 2 ** 54]) expect(() => uniformInt(stream, wrong)).toThrow(RangeError);
});

const GOLDEN_WORDS = [4108470194, 3476759633, 3262176446, 793929063];
const GOLDEN_UNIFORMS = [0.2654340931302348, 0.3688172792568529];
