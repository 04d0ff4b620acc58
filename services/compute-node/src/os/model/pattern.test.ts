import { expect, test } from 'vitest';
import { KIB, makeStream } from '@orrery/kernel';
import { pickOffset } from './pattern.ts';

const stream = makeStream(5, 'pattern');

test('offsets are whole pieces of the working set; sequential goes round', () => {
  const cursor = { next: 0 };
  const io = { bytes: 8 * KIB, skew: 1, pattern: 'sequential' as const };
  const offsets = Array.from({ length: 4 }, () => pickOffset(io, 25 * KIB, stream, cursor));
  expect(offsets).toEqual([0, 8 * KIB, 16 * KIB, 0]);
  let first = 0;
  for (let i = 0; i < 1000; i++) {
    const uniform = pickOffset({ ...io, pattern: 'uniform' }, 8000 * KIB, stream, cursor);
    expect(uniform % (8 * KIB)).toBe(0);
    expect(uniform).toBeLessThan(8000 * KIB);
    if (pickOffset({ ...io, pattern: 'zipf' }, 8000 * KIB, stream, cursor) === 0) first++;
  }
  // 1 / H(1000) = 13.4 %.
  expect(first).toBeGreaterThan(100);
  expect(first).toBeLessThan(170);
});
