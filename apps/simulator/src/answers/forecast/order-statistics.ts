/**
 * An interval from a few draws that holds the next one as often as it says; it assumes no distribution.
 *
 * Law.   Of n + 1 exchangeable draws, the last is as likely to fall into each of the n + 1 gaps of the others. So
 *        [x(r), x(n+1−r)] holds it with probability (n + 1 − 2r) / (n + 1), ties counted inside.
 * Rules. 1. The largest r whose probability is at least the level is taken; with too few draws it is r = 1, and the
 *           probability is said as it is.
 *        2. A draw that never came back is infinite, and sorts last.
 */

export interface Interval {
  low: number;
  high: number;
  /** Probability with which it holds the next draw. */
  coverage: number;
}

/** @param draws at least one, in any order @param level wanted probability, 0 to 1 */
export function intervalOf(draws: readonly number[], level: number): Interval {
  const sorted = [...draws].sort((a, b) => a - b);
  const n = sorted.length;
  const r = Math.max(1, Math.floor(((n + 1) * (1 - level)) / 2 + 1e-9));
  return {
    low: sorted[r - 1] ?? Infinity,
    high: sorted[n - r] ?? Infinity,
    coverage: Math.max(0, (n + 1 - 2 * r) / (n + 1)),
  };
}

/** The middle draw, the upper one of two. */
export function medianOf(draws: readonly number[]): number {
  const sorted = [...draws].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Infinity;
}
