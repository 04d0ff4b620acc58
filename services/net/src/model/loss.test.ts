import { describe, expect, it } from 'vitest';
import { combinedLoss } from './loss.ts';

describe('losses of a way', () => {
  it.each([
    [[], 0],
    [[50_000], 50_000],
    // 1 − 0.95 × 0.9 = 0.145
    [[50_000, 100_000], 145_000],
    // 1 − 0.999³ = 0.002997001
    [[1000, 1000, 1000], 2997],
    [[1_000_000, 1], 1_000_000],
  ])('%j together lose %i of a million', (losses, lost) => {
    expect(combinedLoss(losses)).toBe(lost);
  });
});
