import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referenceFiles } from './reference.ts';

test('the generated reference is what the code says now', () => {
  const stale: string[] = [];
  for (const [path, text] of referenceFiles()) {
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(path);
  }
  expect(stale, 'run npm run reference').toEqual([]);
});
