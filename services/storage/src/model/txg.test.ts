import { expect, it } from 'vitest';
import { MIB } from '@orrery/kernel';
import { leafBytes, nextWrite, txgBytes, vdevShare } from './txg.ts';

it('writes 64 MiB of data as 64 + 2 MiB and three copies of 48 KiB', () => {
  expect(txgBytes(64 * MIB)).toBe(66 * MIB + 147_456);
  expect(txgBytes(0)).toBe(147_456);
});

it('shares bytes among vdevs without losing one', () => {
  const shares = [0, 1, 2].map((index) => vdevShare(1_000_001, index, 3));
  expect(shares).toEqual([333_334, 333_334, 333_333]);
});

it('gives a mirror leaf all, a leaf of raidz2 on six a quarter', () => {
  expect(leafBytes('mirror', 2, 4 * MIB)).toBe(4 * MIB);
  expect(leafBytes('raidz2', 6, 4 * MIB)).toBe(MIB);
  expect(nextWrite(2.5 * MIB)).toBe(MIB);
  expect(nextWrite(100)).toBe(100);
});
