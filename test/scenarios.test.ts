/**
 * Every scenario prints, to the letter, what stands beside it in `expected.out`; `npm run scenarios` writes those files anew.
 * What differs from run to run (how fast it went) goes to standard error, so it is not in them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../apps/cli/src/main.ts';
import type { Terminal } from '../apps/cli/src/terminal.ts';
import { readmePath, readmeWithStory } from './readme-story.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'scenarios');
const scenarios = readdirSync(folder).sort();
/** Columns; what is wider wraps on an operator's terminal. */
const WIDTH_MAX = 170;

/** What was printed so far, by scenario. */
const printed = new Map<string, string>();

async function run(scenario: string): Promise<{ exitCode: number; out: string }> {
  const lines: string[] = [];
  const terminal: Terminal = {
    out: (line) => void lines.push(line),
    err: () => undefined,
    colour: false,
    interactive: false,
    width: 120,
  };
  const exitCode = await main(['node', 'orrery', 'run', join(folder, scenario)], terminal);
  return { exitCode, out: `${lines.join('\n')}\n` };
}

describe.each(scenarios)('%s', (scenario) => {
  test('prints what stands beside it, and its checks hold', async () => {
    const { exitCode, out } = await run(scenario);
    printed.set(scenario, out);
    await expect(out).toMatchFileSnapshot(join(folder, scenario, 'expected.out'));
    expect(exitCode).toBe(0);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(WIDTH_MAX);
  });
});

test('first-light is a story to read at a glance', async () => {
  const out = printed.get('first-light') ?? (await run('first-light')).out;
  expect(out.trimEnd().split('\n').length).toBeLessThan(60);
});

test('the README shows disk-dies as it is told', async () => {
  const out = printed.get('disk-dies') ?? (await run('disk-dies')).out;
  expect(readFileSync(readmePath, 'utf8'), 'run npm run scenarios').toBe(readmeWithStory(out));
});
