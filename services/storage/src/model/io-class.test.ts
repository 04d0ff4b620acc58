import { expect, it } from 'vitest';
import { asyncWriteMax, IoClass, nextClass } from './io-class.ts';

const waiting = (...lengths: number[]) => lengths.map((length) => ({ length }));

it('lets async writes rise from 3 at 30 % dirty to 10 at 60 %; at 45 % they are 3 + 7/2 = 6', () => {
  expect([0, 0.3, 0.45, 0.6, 0.9].map((share) => asyncWriteMax(share, false))).toEqual([3, 3, 6, 10, 10]);
  expect(asyncWriteMax(0, true)).toBe(10);
});

it('serves the first class below its minimum, then the first below its maximum', () => {
  expect(nextClass(waiting(5, 5, 0, 5, 5), [9, 0, 0, 0, 0], 3)).toBe(IoClass.SYNC_READ);
  expect(nextClass(waiting(5, 5, 0, 5, 5), [10, 10, 0, 2, 0], 3)).toBe(IoClass.ASYNC_WRITE);
  expect(nextClass(waiting(5, 5, 0, 5, 5), [10, 10, 0, 3, 0], 3)).toBe(IoClass.SCRUB);
  expect(nextClass(waiting(5, 5, 0, 5, 5), [10, 10, 0, 3, 1], 3)).toBe(IoClass.SCRUB);
  expect(nextClass(waiting(5, 5, 0, 5, 5), [10, 10, 0, 3, 2], 3)).toBe(-1);
  expect(nextClass(waiting(0, 0, 0, 5, 0), [0, 0, 0, 3, 0], 10)).toBe(IoClass.ASYNC_WRITE);
});

it('never has more than a thousand active', () => {
  expect(nextClass(waiting(1, 0, 0, 0, 0), [0, 1000, 0, 0, 0], 3)).toBe(-1);
});
