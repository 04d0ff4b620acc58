import { expect, it } from 'vitest';
import { MIB } from '@orrery/kernel';
import { chooseChild, mirrorLoad } from './mirror.ts';

it('counts what waits, and 5 for a seek of a rotating disk, 1 for a jump on flash', () => {
  expect(mirrorLoad(3, true, 10 * MIB, 10 * MIB)).toBe(3);
  expect(mirrorLoad(3, true, 10 * MIB, 11 * MIB)).toBe(3);
  expect(mirrorLoad(3, true, 10 * MIB, 12 * MIB)).toBe(8);
  expect(mirrorLoad(3, false, 10 * MIB, 12 * MIB)).toBe(4);
});

it('reads where the queue is shortest, and never from a child that is out', () => {
  expect(chooseChild([12, 3, 7], 0)).toBe(1);
  expect(chooseChild([-1, 30, -1], 0)).toBe(1);
  expect(chooseChild([-1, -1], 0)).toBe(-1);
});

it('takes turns by place when equally loaded', () => {
  expect([0, 1, 2, 3].map((n) => chooseChild([0, 0], n * 2 * MIB))).toEqual([0, 1, 0, 1]);
});
