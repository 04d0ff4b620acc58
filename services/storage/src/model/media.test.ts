import { expect, it } from 'vitest';
import { BLOCK_BYTES, goodMedia, overwrite, touchesBad } from './media.ts';

it('has the share of bad blocks that it says: 1 % of 100,000 are 1,000, give or take 100', () => {
  const media = { key: 42, share: 0.01, written: new Set<number>() };
  let count = 0;
  for (let block = 0; block < 100_000; block++) if (touchesBad(media, block * BLOCK_BYTES, 8192)) count++;
  expect(count).toBeGreaterThan(900);
  expect(count).toBeLessThan(1100);
});

it('fails again until it is written', () => {
  const media = { key: 42, share: 1, written: new Set<number>() };
  expect(touchesBad(media, 0, 8192)).toBe(true);
  expect(touchesBad(media, 0, 8192)).toBe(true);
  expect(overwrite(media, 4096, BLOCK_BYTES)).toBe(2);
  expect(touchesBad(media, 0, 2 * BLOCK_BYTES)).toBe(false);
  expect(overwrite(media, 0, 8192)).toBe(0);
});

it('is good unless told', () => {
  expect(touchesBad(goodMedia(), 0, 8192)).toBe(false);
});
