import { makeStream, uniform } from '@orrery/kernel';
import { describe, expect, test } from 'vitest';
import { intervalOf, medianOf } from './order-statistics.ts';

describe('the interval of order statistics', () => {
  test.each([
    [8, 0, 7, 7 / 9],
    [19, 0, 18, 18 / 20],
    [20, 0, 19, 19 / 21],
    [40, 1, 38, 37 / 41],
    [100, 4, 95, 91 / 101],
  ])('of %d draws goes from place %d to %d', (n, low, high, coverage) => {
    const draws = Array.from({ length: n }, (_, at) => n - 1 - at);
    const interval = intervalOf(draws, 0.9);
    expect(interval).toMatchObject({ low, high });
    expect(interval.coverage).toBeCloseTo(coverage, 12);
  });

  test('counts a draw that never came as infinite', () => {
    expect(intervalOf([3, Infinity, 1], 0.9)).toMatchObject({ low: 1, high: Infinity });
    expect(medianOf([3, Infinity, 1])).toBe(3);
  });

  test.each([8, 20, 40])('of %d draws holds the next one as often as it says', (n) => {
    const stream = makeStream(7, `coverage of ${n}`);
    const trials = 20_000;
    let held = 0;
    let said = 0;
    for (let trial = 0; trial < trials; trial++) {
      const draws = Array.from({ length: n }, () => uniform(stream));
      const { low, high, coverage } = intervalOf(draws, 0.9);
      const next = uniform(stream);
      if (next >= low && next <= high) held++;
      said = coverage;
    }
    expect(Math.abs(held / trials - said)).toBeLessThan(0.01);
  });
});
