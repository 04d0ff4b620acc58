import { expect, test } from 'vitest';
import { makePool, releaseAddress, reserveAddress } from './addresses.ts';

test('the lowest address never used goes first, then the one freed longest ago', () => {
  const pool = makePool('10.0.0.2', '10.0.0.5', ['10.0.0.3']);
  expect([reserveAddress(pool), reserveAddress(pool)]).toEqual(['10.0.0.2', '10.0.0.4']);
  releaseAddress(pool, '10.0.0.4');
  releaseAddress(pool, '10.0.0.2');
  expect([reserveAddress(pool), reserveAddress(pool), reserveAddress(pool)]).toEqual([
    '10.0.0.5',
    '10.0.0.4',
    '10.0.0.2',
  ]);
  expect(reserveAddress(pool)).toBeUndefined();
});
