import { expect, it } from 'vitest';
import { GIB, MIB } from '@orrery/kernel';
import { chunkBytes, chunkPlace } from './resilver.ts';

it('goes through the reach in runs of 64 MiB: 20 GiB over 280 GiB is 320 runs, 896 MiB apart', () => {
  expect(chunkPlace(0, 20 * GIB, 280 * GIB)).toBe(0);
  expect(chunkPlace(63, 20 * GIB, 280 * GIB)).toBe(63 * MIB);
  expect(chunkPlace(64, 20 * GIB, 280 * GIB)).toBe(896 * MIB);
  expect(chunkPlace(20 * 1024 - 1, 20 * GIB, 280 * GIB)).toBe(319 * 896 * MIB + 63 * MIB);
});

it('ends with what is left', () => {
  expect(chunkBytes(0, 1.5 * MIB)).toBe(MIB);
  expect(chunkBytes(1, 1.5 * MIB)).toBe(MIB / 2);
});
