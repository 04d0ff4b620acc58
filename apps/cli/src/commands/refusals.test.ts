/** What is typed wrong: refused with what was found and what is allowed, exit code 2, and no stack. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { main } from '../main.ts';

const folder = mkdtempSync(join(tmpdir(), 'orrery-refusals-'));
writeFileSync(join(folder, 'list.yaml'), '- a\n');

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['fault catalog disk.fial', 'found "disk.fial": did you mean disk.fail?'],
  ['fault catalog frost', 'expected a fault or a repair, found "frost": there are cpu.cache-errors, '],
  ['fault catalog', ''],
  ['validate DIR/none.yaml', 'none.yaml  cannot be read: there is no such file'],
  ['validate DIR/list.yaml', 'list.yaml:1:1  expected a map of settings, found a list'],
  ['validate /dev/zero', '/dev/zero  cannot be read'],
  ['validate DIR', 'expected a scenario.yaml or a datacenter.yaml in this folder, found neither'],
  ['log diff DIR/none DIR/none', 'ORRERY_LOG_NOT_FOUND: there is no log here: '],
  ['log diff DIR DIR', 'ORRERY_LOG_NOT_FOUND: there is no log here: '],
  ['log diff DIR/list.yaml DIR', 'list.yaml: expected the folder that a run was kept in, found a file'],
])('orrery %s', async (line, complaint) => {
  const err: string[] = [];
  const terminal = {
    out: () => undefined,
    err: (text: string) => void err.push(text),
    colour: false,
    interactive: false,
    width: 120,
  };
  const words = line.split(' ').map((word) => word.replace('DIR', folder));
  expect(await main(['node', 'orrery', ...words], terminal)).toBe(complaint === '' ? 0 : 2);
  expect(err.join('\n')).toContain(complaint);
  expect(err.join('\n')).not.toMatch(/^ +at /m);
});
