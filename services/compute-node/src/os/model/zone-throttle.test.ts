import { describe, expect, test } from 'vitest';
import { MS, SECOND, US } from '@orrery/kernel';
import {
  addThrottledZone,
  countOp,
  makeThrottle,
  noteDisks,
  noteLatency,
  noteTxg,
  throttleDelay,
  throttledZones,
  ThrottleOp,
  type Throttle,
} from './zone-throttle.ts';

/** Lets time pass with zone 0 reading 9 times as often as zone 1, on disks `busyPercent` busy; returns zone 0's delays. */
function contend(
  throttle: Throttle,
  from: number,
  seconds: number,
  busyPercent: number,
  laggard: boolean,
): number[] {
  const delays: number[] = [];
  for (let now = from; now < from + seconds * SECOND; now += 10 * MS) {
    if (now > from) noteDisks(throttle, throttle.busyNs + (10 * MS * busyPercent) / 100, laggard ? now : 0);
    noteLatency(throttle, ThrottleOp.read, 8 * MS, now);
    for (let i = 0; i < 9; i++) countOp(throttle, 0, ThrottleOp.read, now);
    countOp(throttle, 1, ThrottleOp.read, now);
    delays.push(throttleDelay(throttle, 0, ThrottleOp.read, now));
  }
  return delays;
}

function two(priorities = [100, 100]): Throttle {
  const throttle = makeThrottle(0);
  priorities.forEach((priority, slot) => addThrottledZone(throttle, slot, priority, 0));
  return throttle;
}

describe('throttle', () => {
  test('takes 20 evaluations, 5 s, from nothing to 100 µs, and as long back', () => {
    const throttle = two();
    const rising = contend(throttle, 0, 6, 90, true);
    expect(rising[24]).toBe(0);
    expect(rising[25]).toBe(5 * US);
    expect(rising[499]).toBe(95 * US);
    expect(rising[500]).toBe(100 * US);
    expect(throttledZones(throttle)).toBe(1);
    expect(throttle.zones[1]!.delayNs).toBe(0);
    const falling = contend(throttle, 6 * SECOND, 6, 50, false);
    expect(falling.at(-1)).toBe(0);
  });

  test('is idle on disks under 80 % or without a slow I/O in the last second', () => {
    expect(contend(two(), 0, 3, 79, true).at(-1)).toBe(0);
    expect(contend(two(), 0, 3, 99, false).at(-1)).toBe(0);
  });

  test('lets a zone alone use all of it', () => {
    const throttle = two();
    for (let now = 0; now < 10 * SECOND; now += 10 * MS) {
      noteDisks(throttle, now, now);
      countOp(throttle, 0, ThrottleOp.read, now);
      expect(throttleDelay(throttle, 0, ThrottleOp.read, now)).toBe(0);
    }
  });

  test('holds between the two bands', () => {
    const throttle = two();
    contend(throttle, 0, 2.01, 90, true);
    const before = throttle.zones[0]!.delayNs;
    contend(throttle, 2.01 * SECOND, 3, 70, true);
    expect(throttle.zones[0]!.delayNs).toBe(before);
  });

  test('never touches priority 0, and counts priority in what is fair', () => {
    expect(contend(two([0, 100]), 0, 3, 95, true).at(-1)).toBe(0);
    // With 95 % of the priority, 90 % of the use is less than fair; the other's 10 % is then more than its 5 %.
    const throttle = two([950, 50]);
    expect(contend(throttle, 0, 3, 95, true).at(-1)).toBe(0);
    expect(throttle.zones[1]!.delayNs).toBe(55 * US);
  });

  test('doubles the wait of logical writes while txgs sync faster than every 5 s', () => {
    const throttle = two();
    contend(throttle, 0, 2, 90, true);
    const delay = throttleDelay(throttle, 0, ThrottleOp.read, 2 * SECOND);
    expect(throttleDelay(throttle, 0, ThrottleOp.logical, 2 * SECOND)).toBe(delay);
    noteTxg(throttle, 2 * SECOND);
    noteTxg(throttle, 2.1 * SECOND);
    expect(throttleDelay(throttle, 0, ThrottleOp.logical, 2.1 * SECOND)).toBe(2 * delay);
  });
});

test('with zfs_zone_priority_enable off, zones count alike', () => {
  const throttle = makeThrottle(0, false);
  [10_000, 1].forEach((priority, slot) => addThrottledZone(throttle, slot, priority, 0));
  expect(contend(throttle, 0, 6, 90, true).at(-1)).toBeGreaterThan(0);
  const byPriority = two([10_000, 1]);
  expect(contend(byPriority, 0, 6, 90, true).at(-1)).toBe(0);
});
