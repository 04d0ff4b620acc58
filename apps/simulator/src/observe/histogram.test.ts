import { expect, test } from 'vitest';
import { addBuckets, addHistogram, percentile, type Histogram } from './histogram.ts';

test('a percentile lies within its bucket, as far as its rank among those there', () => {
  const histogram: Histogram = new Map();
  // From 1024 to 1055, and from 2048 to 2111: 32 buckets an octave.
  addBuckets(histogram, [
    { upperNs: 2111, count: 8 },
    { upperNs: 1055, count: 32 },
  ]);
  const at = (percent: number) => percentile(histogram, percent);
  expect([0, 40, 80, 90, 100].map(at)).toEqual([1024, 1039, 1055, 2079, 2111]);
  addHistogram(histogram, new Map([[3, 10]]));
  expect([1, 20].map(at)).toEqual([3, 3]);
  expect(percentile(new Map(), 50)).toBeUndefined();
});

test('no percentile is above the greatest value', () => {
  const histogram: Histogram = new Map([[2111, 8]]);
  expect(percentile(histogram, 99, 2050)).toBe(2050);
  expect(percentile(histogram, 10, 2100)).toBe(2055);
});
