import { describe, expect, test } from 'vitest';
import { draw, drawRemaining, type Distribution } from './distributions.ts';
import { makeStream } from './random.ts';

const COUNT = 8000;
/** Kolmogorov and Smirnov: the greatest distance to the true distribution in 99 of 100 samples. */
const DISTANCE_MAX = 1.63 / Math.sqrt(COUNT);

function normalCdf(z: number): number {
  // The series of the error function for small |z|, the continued fraction of its complement beyond.
  if (z > 6) return 1 - normalCdf(-z);
  if (z < -6) {
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / (-z + fraction);
    return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (-z + fraction);
  }
  let term = z;
  let sum = z;
  for (let k = 1; k < 150; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

interface Case {
  name: string;
  distribution: Distribution;
  cdf: (x: number) => number;
  mean: number;
  deviation: number;
  elapsed: number[];
}

const continuous: Case[] = [
  {
    name: 'uniform 2..6',
    distribution: { kind: 'uniform', minimum: 2, maximum: 6 },
    cdf: (x) => Math.min(1, Math.max(0, (x - 2) / 4)),
    mean: 4,
    deviation: 4 / Math.sqrt(12),
    elapsed: [0, 3, 5.9],
  },
  {
    name: 'exponential of mean 5',
    distribution: { kind: 'exponential', mean: 5 },
    cdf: (x) => 1 - Math.exp(-x / 5),
    mean: 5,
    deviation: 5,
    elapsed: [0, 3, 40],
  },
  {
    name: 'pareto from 2, shape 4',
    distribution: { kind: 'pareto', minimum: 2, shape: 4 },
    cdf: (x) => (x < 2 ? 0 : 1 - (2 / x) ** 4),
    mean: 8 / 3, // 4·2/(4 − 1)
    deviation: Math.sqrt(8 / 9), // 4·2²/((4 − 1)²·(4 − 2))
    elapsed: [1, 3, 20],
  },
  {
    name: 'lognormal of median 3, sigma 0.5',
    distribution: { kind: 'lognormal', median: 3, sigma: 0.5 },
    cdf: (x) => (x <= 0 ? 0 : normalCdf(Math.log(x / 3) / 0.5)),
    mean: 3 * Math.exp(0.125),
    deviation: 3 * Math.exp(0.125) * Math.sqrt(Math.exp(0.25) - 1),
    elapsed: [0, 2, 9],
  },
  {
    name: 'weibull of scale 2, shape 0.7',
    distribution: { kind: 'weibull', scale: 2, shape: 0.7 },
    cdf: (x) => 1 - Math.exp(-((x / 2) ** 0.7)),
    mean: 2 * 1.2658235, // Γ(1 + 1/0.7)
    deviation: 2 * 1.8513213, // √(Γ(1 + 2/0.7) − Γ(1 + 1/0.7)²)
    elapsed: [0, 1, 20],
  },
  {
    name: 'weibull of scale 2, shape 3',
    distribution: { kind: 'weibull', scale: 2, shape: 3 },
    cdf: (x) => 1 - Math.exp(-((x / 2) ** 3)),
    mean: 2 * 0.8929795, // Γ(4/3)
    deviation: 2 * 0.3245964,
    elapsed: [0, 1, 4],
  },
  {
    name: 'normal of mean 10, deviation 2',
    distribution: { kind: 'normal', mean: 10, deviation: 2 },
    cdf: (x) => normalCdf((x - 10) / 2),
    mean: 10,
    deviation: 2,
    elapsed: [0, 9, 11, 15, 23],
  },
];

function distance(sample: number[], cdf: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return Math.max(...sorted.map((x, at) => Math.max(cdf(x) - at / COUNT, (at + 1) / COUNT - cdf(x))));
}

describe.each(continuous)('$name', ({ name, distribution, cdf, mean, deviation, elapsed }) => {
  test('draws follow the distribution, with its mean and deviation', () => {
    const stream = makeStream(11, name);
    const sample = Array.from({ length: COUNT }, () => draw(distribution, stream));
    expect(distance(sample, cdf)).toBeLessThan(DISTANCE_MAX);
    const average = sample.reduce((sum, x) => sum + x, 0) / COUNT;
    expect(Math.abs(average - mean)).toBeLessThan((3 * deviation) / Math.sqrt(COUNT));
    const square = sample.reduce((sum, x) => sum + (x - average) ** 2, 0) / (COUNT - 1);
    expect(Math.sqrt(square) / deviation).toBeGreaterThan(0.85);
    expect(Math.sqrt(square) / deviation).toBeLessThan(1.15);
  });

  test.each(elapsed)('what remains after %d follows the conditional distribution', (passed) => {
    const stream = makeStream(12, `${name}:${passed}`);
    const sample = Array.from({ length: COUNT }, () => drawRemaining(distribution, passed, stream));
    const beyond = 1 - cdf(passed);
    expect(distance(sample, (rest) => (rest <= 0 ? 0 : 1 - (1 - cdf(passed + rest)) / beyond))).toBeLessThan(
      DISTANCE_MAX,
    );
    expect(Math.min(...sample)).toBeGreaterThanOrEqual(0);
  });
});

describe('zipf', () => {
  const counts = (distribution: Distribution, floor: number, ranks: number): number[] => {
    const stream = makeStream(13, `zipf:${JSON.stringify(distribution)}:${floor}`);
    const seen = new Array<number>(ranks + 1).fill(0);
    for (let n = 0; n < 40_000; n++) seen[floor + drawRemaining(distribution, floor, stream)]! += 1;
    return seen;
  };

  test.each([
    [0, 0],
    [0.5, 0],
    [0.99, 0],
    [1, 0],
    [1.0001, 0],
    [1.5, 0],
    [3, 0],
    [1, 4],
    [2, 7],
  ])('exponent %d above rank %d: each rank as often as its weight says', (exponent, floor) => {
    const ranks = 12;
    const seen = counts({ kind: 'zipf', ranks, exponent }, floor, ranks);
    const weights = seen.map((_, rank) => (rank > floor ? rank ** -exponent : 0));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, rank) => {
      const expected = (40_000 * weight) / total;
      expect(Math.abs(seen[rank]! - expected)).toBeLessThanOrEqual(3.3 * Math.sqrt(expected));
    });
  });

  test('a million ranks cost no table', () => {
    const stream = makeStream(14, 'zipf');
    const sample = Array.from({ length: 20_000 }, () =>
      draw({ kind: 'zipf', ranks: 1e6, exponent: 1 }, stream),
    );
    // H(1000)/H(10^6) = 7.4855/14.3927
    expect(sample.filter((rank) => rank <= 1000).length / 20_000).toBeCloseTo(0.52, 2);
    expect(sample.every((rank) => Number.isInteger(rank) && rank >= 1 && rank <= 1e6)).toBe(true);
  });
});

test('a table gives its values as often as it says, and those left of it in proportion', () => {
  const sizes: Distribution = { kind: 'empirical', values: [4, 8, 128], cumulative: [0.5, 0.8, 1] };
  const stream = makeStream(15, 'sizes');
  const share = (sample: number[], value: number) => sample.filter((x) => x === value).length / sample.length;
  const all = Array.from({ length: 20_000 }, () => draw(sizes, stream));
  expect([4, 8, 128].map((value) => share(all, value).toFixed(1))).toEqual(['0.5', '0.3', '0.2']);
  const left = Array.from({ length: 20_000 }, () => drawRemaining(sizes, 5, stream));
  expect([3, 123].map((value) => share(left, value).toFixed(1))).toEqual(['0.6', '0.4']);
});

test('what should be over has nothing left', () => {
  const stream = makeStream(16, 'over');
  const over: Distribution[] = [
    { kind: 'constant', value: 3 },
    { kind: 'uniform', minimum: 1, maximum: 2 },
    { kind: 'empirical', values: [1, 2], cumulative: [0.5, 1] },
    { kind: 'zipf', ranks: 3, exponent: 1 },
  ];
  for (const distribution of over) expect(drawRemaining(distribution, 9, stream)).toBe(0);
  expect(drawRemaining({ kind: 'constant', value: 3 }, 1, stream)).toBe(2);
});

test('parameters that have no draw are refused, not looped on', () => {
  const stream = makeStream(17, 'wrong');
  expect(() => draw({ kind: 'normal', mean: NaN, deviation: 1 }, stream)).toThrow(RangeError);
  expect(() => drawRemaining({ kind: 'normal', mean: 0, deviation: 0 }, 1, stream)).toThrow(RangeError);
  expect(() => draw({ kind: 'zipf', ranks: NaN, exponent: 1 }, stream)).toThrow(RangeError);
});

test('the same stream gives the same values on every engine', () => {
  const stream = makeStream(7, 'golden');
  const kinds: Distribution[] = [
    ...continuous.map((each) => each.distribution),
    { kind: 'zipf', ranks: 1e6, exponent: 0.9 },
  ];
  const values = kinds.map((distribution) => [
    draw(distribution, stream),
    drawRemaining(distribution, 3, stream),
  ]);
  expect(values).toEqual(GOLDEN_VALUES);
});

const GOLDEN_VALUES = [
  [3.356220465648076, 1.3657697817630838],
  [15.984382028021184, 4.202504910880102],
  [3.5827273066264396, 1.5018042663591586],
  [4.401395292706276, 1.2807655338962594],
  [0.8128386790303093, 0.11599901366778376],
  [2.4898571649763315, 0.6385931326573382],
  [9.879855804708255, 4.984700663219255],
  [108256, 4230],
];
