import { expect, test } from 'vitest';
import { KIB, MIB } from '@orrery/kernel';
import { giveMemory, residentBytes, takeMemory } from './memory.ts';

test('under its cap a zone pays nothing; over it, it pages; over swap it is refused', () => {
  const memory = { heldBytes: 60 * MIB, capBytes: 64 * MIB, swapBytes: 100 * MIB };
  expect(takeMemory(memory, 4 * MIB)).toEqual({ refused: false, outBytes: 0, inBytes: 0 });
  expect(residentBytes(memory)).toBe(64 * MIB);
  // 16 of then 80 MiB are out: a fifth of the 16 MiB asked for, but 128 KiB come in at once at most.
  expect(takeMemory(memory, 16 * MIB)).toEqual({ refused: false, outBytes: 16 * MIB, inBytes: 128 * KIB });
  expect(residentBytes(memory)).toBe(64 * MIB);
  expect(takeMemory(memory, 21 * MIB).refused).toBe(true);
  expect(memory.heldBytes).toBe(80 * MIB);
  giveMemory(memory, 20 * MIB);
  expect(residentBytes(memory)).toBe(60 * MIB);
});
