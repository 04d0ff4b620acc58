import { expect, test } from 'vitest';
import { addBuckets, addHistogram, percentile, type Histogram } from './histogram.ts';

test('a percentile is the upper bound of the bucket that holds it', () => {
  const histogram: Histogram = new Map();
  addBuckets(histogram, [
    { upperNs: 200, count: 9 },
    { upperNs: 100, count: 90 },
  ]);
  const tail: Histogram = new Map([[5000, 1]]);
  addHistogram(histogram, tail);
  expect([50, 90, 90.1, 99, 99.9, 100].map((percent) => percentile(histogram, percent))).toEqual([
    100, 100, 200, 200, 5000, 5000,
  ]);
  expect(percentile(new Map(), 50)).toBeUndefined();
});
