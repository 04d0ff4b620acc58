import { expect, it } from 'vitest';
import { KIB } from '@orrery/kernel';
import { raidzAllocated, raidzColumns } from './raidz.ts';

const six = { disks: 6, parity: 2, sectorBytes: 4 * KIB };

it('allocates 128 KiB on raidz2 of six: 32 + 2*8 = 48 sectors, a multiple of 3: 192 KiB', () => {
  expect(raidzAllocated(six, 128 * KIB)).toBe(192 * KIB);
});

it('allocates 8 KiB on raidz1 of four with 4 KiB sectors: 2 + 1*1 = 3, rounded up to 4 sectors: 16 KiB', () => {
  expect(raidzAllocated({ disks: 4, parity: 1, sectorBytes: 4 * KIB }, 8 * KIB)).toBe(16 * KIB);
});

it('reads every data column, each with its share: 128 KiB is 4 columns of 32 KiB', () => {
  const columns = raidzColumns(six, 0, 128 * KIB);
  expect(columns).toEqual({ parity: [0, 1], data: [2, 3, 4, 5], columnBytes: 32 * KIB });
});

it('uses one column for one sector, and moves on with the offset', () => {
  expect(raidzColumns(six, 4 * KIB * 5, 4 * KIB)).toEqual({
    parity: [5, 0],
    data: [1],
    columnBytes: 4 * KIB,
  });
});
