import { expect, test } from 'vitest';
import { makeStream, MS } from '@orrery/kernel';
import { drawNs, spread } from './plan.ts';

test('every distribution has the mean it was given', () => {
  const stream = makeStream(3, 'plan');
  for (const distribution of [
    { kind: 'constant' },
    { kind: 'exponential' },
    { kind: 'lognormal', variation: 0.5 },
    { kind: 'pareto', shape: 3 },
  ] as const) {
    let sum = 0;
    const time = spread(distribution, MS);
    for (let i = 0; i < 50_000; i++) sum += drawNs(time, stream, 1);
    expect(sum / 50_000 / MS).toBeGreaterThan(0.97);
    expect(sum / 50_000 / MS).toBeLessThan(1.03);
  }
});
