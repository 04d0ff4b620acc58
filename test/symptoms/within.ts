/** Assertions on times and latencies that say both bounds when they fail. */
import { expect } from 'vitest';
import type { Witness } from './witness.ts';

export function within(value: number | undefined, least: number, most: number): void {
  expect(value, `${value} is not from ${least} to ${most}`).toBeGreaterThanOrEqual(least);
  expect(value, `${value} is not from ${least} to ${most}`).toBeLessThanOrEqual(most);
}

/** The database's clients are served from `from` to `to` as they were in the first 20 s, without an error. */
export function asBefore(run: Witness, from: number, to: number): void {
  const before = run.clients('visitors', 0, 20);
  const now = run.clients('visitors', from, to);
  expect(now.errors).toBe(0);
  within(now.requests / (to - from), 15, 25);
  within(now.mean / before.mean, 0.7, 1.3);
}
