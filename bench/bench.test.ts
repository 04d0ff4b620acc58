/** Every bench runs, at a size that shows nothing but that. */
import { expect, test } from 'vitest';
import { benches } from './benches.ts';
import { TINY } from './measure.ts';
import { rowLines, targetLines } from './tables.ts';

test.each(Object.keys(benches))('%s', async (name) => {
  const { rows, targets } = await benches[name](TINY);
  for (const { value } of rows) expect(Number.isFinite(value)).toBe(true);
  if (rows.length > 0) expect(rowLines(rows)).toHaveLength(rows.length + 1);
  expect(targetLines(targets)).toHaveLength(targets.length + 1);
});
