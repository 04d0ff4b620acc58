import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from '../main.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orrery-sweep-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function orrery(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    colour: false,
    interactive: false,
    width: 100,
  };
  return { code: await main(['node', 'orrery', ...args], terminal), out, err };
}

const short = ['sweep', 'scenarios/limping-disk', '--for', '10s'];

describe('refused before the first run, with the reason', () => {
  test.each([
    [['--seeds', '5..1'], '--seeds: expected the lesser seed first, found "5..1"'],
    [['--seeds', '1', '--vary', 'caches'], '--vary caches: expected path=a,b,c'],
    [['--seeds', '1', '--vary', 'durations=1m,2m'], 'with durations=1m: 1 error; nothing was started'],
    [
      ['--seeds', '1', '--vary', 'datacenter.caches=cold,tepid'],
      'with datacenter.caches=tepid: 1 error; nothing was started',
    ],
    [['--seeds', '1', '--vary', 'title=a,b', '--vary', 'title=c'], '--vary title: it is there twice'],
    [['--seeds', '1', '--jobs', '2', '--nats', 'localhost'], 'sweep: --jobs or --nats, not both'],
    [['--seeds', '1', '--id', 'a'], '--id: needs --nats URL'],
    [['--seeds', '1', '--id', 'a b', '--nats', 'localhost'], '--id: expected letters, digits, - and _'],
    [['--seeds', '1', '--out', 'docs'], '--out docs: expected a new folder or one of results'],
  ])('%j', async (args, why) => {
    const { code, err } = await orrery(...short, ...args);
    expect(err.join('\n')).toContain(why);
    expect(code).toBe(2);
  });

  test('a broker that is not there', async () => {
    const { code, err } = await orrery(...short, '--seeds', '1', '--nats', '127.0.0.1:1');
    expect(err.at(-1)).toMatch(/^--nats 127\.0\.0\.1:1: /);
    expect(code).toBe(1);
  });
});

test('what would be run is said as settings of solo runs', async () => {
  const { code, out } = await orrery(...short, '--seeds', '1,5', '--vary', 'title=a,b', '--dry-run');
  expect(out).toEqual([
    'limping-disk · seeds 1,5, title=a,b · 4 runs of 00:00:10\n',
    'v1-1  --set title=a --seed 1',
    'v2-1  --set title=b --seed 1',
    'v1-5  --set title=a --seed 5',
    'v2-5  --set title=b --seed 5',
  ]);
  expect(code).toBe(0);
});

test('runs are compared, each as it is by itself; a second time nothing is run', async () => {
  const folder = join(scratch, 'out');
  const csv = join(scratch, 'runs.csv');
  const args = [...short, '--seeds', '1..2', '--vary', 'datacenter.caches=cold,warm', '--out', folder];
  const first = await orrery(...args, '--csv', csv);
  // The scenario's fault comes after 10 s: its checks cannot hold.
  expect(first.code).toBe(1);
  expect(first.out[1]).toMatch(
    /^datacenter\.caches +runs +all checks +files p50 +files p99 +recovery +failed tries$/,
  );
  expect(first.out[2]).toMatch(/^cold +2 +0\/2 +[\d.]+ ms/);
  expect(first.out[3]).toMatch(/^warm +2 +0\/2 +[\d.]+ ms/);
  const lines = readFileSync(csv, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  const solo = await orrery(
    'run',
    ...short.slice(1),
    '--seed',
    '2',
    '--set',
    'datacenter.caches=warm',
    '--json',
  );
  const { digest } = JSON.parse(solo.out.at(-1) ?? '') as { digest: string };
  expect(lines[4]).toContain(`v2-2,warm,2,${digest},,`);
  const again = await orrery(...args, '--json');
  const whole = JSON.parse(again.out.at(-1) ?? '') as { results: { digest: string }[]; ended: boolean };
  expect(again.err[0]).toBe('4 of 4 runs were done before');
  expect(whole).toMatchObject({ scenario: 'limping-disk', runs: 4, ended: true });
  expect(whole.results[3].digest).toBe(digest);
});
