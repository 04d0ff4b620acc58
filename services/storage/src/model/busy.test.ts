import { expect, it } from 'vitest';
import { beginBusy, busyAt, endBusy, makeBusy } from './busy.ts';

it('counts overlapping I/Os once: [0, 10] and [5, 20] are 20, idle until 50, [45, 60] is 15 more', () => {
  const busy = makeBusy();
  beginBusy(busy, 0);
  beginBusy(busy, 5);
  endBusy(busy, 10);
  expect(busyAt(busy, 20)).toBe(20);
  endBusy(busy, 20);
  beginBusy(busy, 45);
  endBusy(busy, 60);
  expect(busy.totalNs).toBe(35);
});

it('does not count an interval of the past twice', () => {
  const busy = makeBusy();
  beginBusy(busy, 0);
  endBusy(busy, 100);
  beginBusy(busy, 50);
  endBusy(busy, 90);
  expect(busy.totalNs).toBe(100);
});
