/** Every broken file in fixtures/broken has its complaints, to the letter, in the .txt beside it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue, fixtureFiles, fixtures } from './fixtures.case.ts';
import { loadDatacenter, loadScenario } from './load.ts';
import { formatProblem } from './problem.ts';

const names = readdirSync(`${fixtures}broken`)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

function complaints(name: string): string {
  const path = `broken/${name}.yaml`;
  const loaded = name.startsWith('scenario-')
    ? loadScenario(fixtureFiles, path, catalogue)
    : loadDatacenter(fixtureFiles, path, { tunables: catalogue.tunables });
  if (loaded.ok) return 'accepted\n';
  return loaded.problems.map((problem) => `${formatProblem(problem)}\n`).join('');
}

test('there are enough of them', () => {
  expect(names.length).toBeGreaterThanOrEqual(40);
});

test.each(names)('%s', (name) => {
  const expected = `${fixtures}broken/${name}.txt`;
  const found = complaints(name);
  if (process.env['ORRERY_ACCEPT'] === '1') writeFileSync(expected, found);
  expect(found).toBe(readFileSync(expected, 'utf8'));
});
