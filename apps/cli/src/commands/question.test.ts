/** Questions from the command line: what is printed, and what is refused. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../main.ts';

let folder: string;
let log: string;

async function orrery(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    colour: false,
    interactive: false,
    width: 120,
  };
  return { code: await main(['node', 'orrery', ...args], terminal), out, err };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-question-'));
  log = join(folder, 'run');
  await orrery('init', join(folder, 'dc'));
  await orrery('run', join(folder, 'dc'), '--for', '3m', '--log', log);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('why', () => {
  test('walks from the pool to the disk, and names the injection last', async () => {
    const { code, out } = await orrery('why', 'cn-0001/pool/zones', '--log', log);
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^pool zones of cn-0001 has been DEGRADED for \d+/);
    expect(out.at(-2)).toMatch(/└ 00:02:00\.000 {2}fault f1 disk\.fail, disk c0t2d0 +scenario\.yaml:\d+$/);
    expect(out.at(-1)).toMatch(/^Now: resilver of c0t4d0 \d+ %/);
  });

  test('asked before anything happened says so', async () => {
    const { out } = await orrery('why', 'db-0', '--at', '00:01:30.500', '--log', log);
    expect(out).toEqual(['db-0 is running, and nothing happened to it up to 00:01:30.500.']);
  });

  test('as JSON carries the fact of each step', async () => {
    const { out } = await orrery('why', 'c0t2d0', '--log', log, '--json');
    expect(out).toHaveLength(0);
    const named = await orrery('why', 'cn-0001/disk/c0t2d0', '--log', log, '--json');
    const answer = JSON.parse(named.out[0]!) as { subject: object; steps: { fact: string }[] };
    expect(answer.subject).toEqual({
      kind: 'disk',
      name: 'disk c0t2d0 of cn-0001',
      address: 'cn-0001/disk/c0t2d0',
    });
    expect(answer.steps.map(({ fact }) => fact)).toContainEqual(
      expect.stringMatching(/^cn-0001\/pool\/zones#\d+$/),
    );
  });
});

test('when tells the resilver, and whom it waits for after it', async () => {
  const { code, out } = await orrery('when', 'cn-0001/pool/zones', '--seeds', '3', '--log', log);
  expect(code).toBe(0);
  expect(out[0]).toMatch(/^pool zones of cn-0001 will be resilvered in .* \(50 %: .*; 3 forks\)\.$/);
  expect(out[2]).toBe('After that it waits for a person: a new disk (disk.replace cn-0001/disk/c0t2d0).');
});

test('slow names the resilver, also for those who call', async () => {
  for (const vm of ['db-0', 'web-0']) {
    const { out } = await orrery('slow', vm, '--log', log, '--json');
    const answer = JSON.parse(out[0]!) as { verdict: string; root: { kind: string; part: string } };
    expect(answer).toMatchObject({
      verdict: 'slow',
      root: { kind: 'resilver', part: 'cn-0001/disk/c0t2d0' },
    });
  }
});

test.each([
  [['why', 'db-9'], 'there is no db-9: did you mean db-0?'],
  [
    ['why', 'db-0', '--at', 'noon'],
    '--at: expected a time (for instance 5m10s or 00:05:10.250), found "noon"',
  ],
  [['slow', 'db-0', '--at', '1h'], '--at: the log reaches 00:03:00.000, asked was 1h'],
  [['when', 'db-0', '--seeds', '0'], '--seeds: expected a whole number from 1 to 10000'],
])('%j is refused', async (args, message) => {
  const { code, err } = await orrery(...args, '--log', log);
  expect(code).toBe(2);
  expect(err).toEqual([message]);
});

test('a log that is not there, or not given, is a wrong request', async () => {
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  vi.stubEnv('ORRERY_CONTEXT_FOLDER', folder);
  expect((await orrery('why', 'db-0', '--log', join(folder, 'none'))).code).toBe(2);
  expect((await orrery('why', 'db-0')).code).toBe(2);
  vi.unstubAllEnvs();
});
