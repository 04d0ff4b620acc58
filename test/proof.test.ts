/** A small seeded draw of what `npm run proof` shows in full. */
import { expect, test } from 'vitest';
import { lines } from './proof/lines.ts';

const SEED = 1;

const together = Object.entries(lines).filter(([, { alone }]) => alone !== true);

test.each(together)('line %s', { timeout: 600_000 }, async (_, { prove }) => {
  const { lines: shown } = await prove({ full: false, seed: SEED, say: () => undefined });
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((line) => line.startsWith('✗'))).toEqual([]);
});
