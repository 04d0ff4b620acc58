import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, bucketsOf, bucketUpperNs, record } from './histogram.ts';

test('each value is within 1/32 of its bucket’s bound, and buckets follow each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (ns) => {
      const index = bucketOf(ns);
      expect(bucketUpperNs(index)).toBeGreaterThanOrEqual(ns);
      expect(bucketUpperNs(index) - ns).toBeLessThanOrEqual(ns / 32);
      if (index > 0) expect(bucketUpperNs(index - 1)).toBeLessThan(ns);
    }),
  );
});

test('counts by bound', () => {
  const histogram = new Map<number, number>();
  for (const ns of [1_000_000, 5, 1_000_001, 5]) record(histogram, ns);
  expect(bucketsOf(histogram)).toEqual([
    { upperNs: 5, count: 2 },
    { upperNs: 1_015_807, count: 2 },
  ]);
});
