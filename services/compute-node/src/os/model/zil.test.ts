import { expect, test } from 'vitest';
import { KIB } from '@orrery/kernel';
import { blockWritten, commitZil, fillBlock, makeZil } from './zil.ts';

const keys = (waiters: { key: number }[]) => waiters.map(({ key }) => key);

test('the first goes at once, those who come meanwhile share the next block', () => {
  const zil = makeZil();
  expect(commitZil(zil, { key: 1, bytes: 8 * KIB, since: 0 })).toBe(12 * KIB);
  expect(commitZil(zil, { key: 2, bytes: 8 * KIB, since: 1 })).toBe(0);
  expect(commitZil(zil, { key: 3, bytes: 8 * KIB, since: 2 })).toBe(0);
  expect(keys(blockWritten(zil))).toEqual([1]);
  expect(fillBlock(zil)).toBe(20 * KIB);
  expect(keys(blockWritten(zil))).toEqual([2, 3]);
  expect(fillBlock(zil)).toBe(0);
  expect(zil.offset).toBe(32 * KIB);
});

test('a block takes 128 KiB, or one writer of more', () => {
  const zil = makeZil();
  commitZil(zil, { key: 1, bytes: 1, since: 0 });
  commitZil(zil, { key: 2, bytes: 200 * KIB, since: 0 });
  commitZil(zil, { key: 3, bytes: 100 * KIB, since: 0 });
  commitZil(zil, { key: 4, bytes: 29 * KIB, since: 0 });
  blockWritten(zil);
  expect(fillBlock(zil)).toBe(204 * KIB);
  expect(keys(blockWritten(zil))).toEqual([2]);
  fillBlock(zil);
  expect(keys(blockWritten(zil))).toEqual([3]);
});
