/** A datacenter that is up as a process of its own, killed without warning and gone on with. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endAll, gone, orrery, root, statusOf, up } from './live-process.case.ts';
import { readContext } from './context.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orrery-live-'));
const log = join(scratch, 'log');
const configBefore = process.env.XDG_CONFIG_HOME;

beforeAll(() => {
  process.env.XDG_CONFIG_HOME = scratch;
});
afterAll(() => {
  endAll();
  if (configBefore === undefined) delete process.env.XDG_CONFIG_HOME;
  else process.env.XDG_CONFIG_HOME = configBefore;
  rmSync(scratch, { recursive: true, force: true });
});

async function caughtUp(): Promise<void> {
  while ((await statusOf()).state === 'catching-up') await setTimeout(50);
}

test('a datacenter killed with -9 goes on where it was, and its log replays to its digest', async () => {
  const first = await up(join(root, 'scenarios', 'disk-dies'), '--log', log, '--speed', 'max', '--paused');
  expect((await orrery('step', '200')).out).toContain('00:00:10.000  paused');
  const injected = await orrery(
    'fault',
    'inject',
    'disk.slow',
    'cn-0001/disk/c0t1d0',
    '--set',
    'factor=3',
    '--for',
    '5s',
  );
  expect(injected).toMatchObject({ code: 0 });
  expect(injected.out).toContain('00:00:10.000');
  await orrery('step', '60');
  const before = await statusOf();
  first.kill('SIGKILL');
  await gone(first);
  expect((await orrery('status')).err).toContain('nobody answers');
  const second = await up('--resume', log, '--speed', 'max', '--paused');
  await caughtUp();
  expect(await statusOf()).toMatchObject({ time: before.time, digest: before.digest, state: 'paused' });
  const faults = JSON.parse((await orrery('fault', 'list', '--active', '--json')).out) as {
    faults: { faultId: string; revertAt: number }[];
  };
  expect(faults.faults).toMatchObject([{ revertAt: 15e9 }]);
  await orrery('step', '100');
  expect((await orrery('fault', 'list')).out).toContain('reverted 00:00:15.000');
  const wrong = await orrery('fault', 'inject', 'disk.fail', 'cn-0001/disk/c0t1d9');
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.err).toContain('did you mean');
  const events = await orrery('events', '--type', 'fault*', '--json');
  expect(events.out.split('\n').map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    'faultInjected',
    'faultReverted',
  ]);
  const down = await orrery('down', '--json');
  const ended = gone(second);
  const { digest } = JSON.parse(down.out) as { digest: string };
  await ended;
  const replayed = JSON.parse((await orrery('replay', log, '--json')).out) as {
    same: boolean;
    digest: string;
  };
  expect(replayed).toMatchObject({ same: true, digest });
  expect(existsSync(join(scratch, 'orrery', 'context.json'))).toBe(false);
}, 120_000);

test('a token is made, kept and asked for', async () => {
  const token = join(scratch, 'token');
  const child = await up('--log', join(scratch, 'log-2'), '--paused', '--token-file', token);
  const address = readContext()?.address ?? '';
  expect((await orrery('status')).code).toBe(0);
  process.env.XDG_CONFIG_HOME = join(scratch, 'elsewhere');
  const refused = await orrery('--connect', address, 'status');
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.err).toContain('a bearer token is needed');
  expect((await orrery('status', '--connect', address, '--token-file', token)).code).toBe(0);
  const nowhere = join(scratch, 'none', 'log.jsonl');
  const kept = await orrery('log', 'export', nowhere, '--connect', address, '--token-file', token);
  expect(kept).toMatchObject({ code: 1 });
  expect(kept.err).toContain(`${nowhere} cannot be written`);
  const taken = await orrery('up', '--log', join(scratch, 'log-taken'), '--listen', address);
  expect(taken).toMatchObject({ code: 1 });
  expect(taken.err).toContain('another program listens there');
  process.env.XDG_CONFIG_HOME = scratch;
  expect(readFileSync(token, 'utf8').trim().length).toBeGreaterThan(30);
  child.kill('SIGTERM');
  await gone(child);
  const resumable = await orrery('log', 'verify', join(scratch, 'log-2'));
  expect(resumable.out).toContain('unfinished');
  const batch = await orrery('run', '--resume', join(scratch, 'log-2'));
  expect(batch).toMatchObject({ code: 2 });
  expect(batch.err).toContain('orrery up --resume');
}, 60_000);

test('places that cannot be are refused before anything is made', async () => {
  const folder = join(scratch, 'log-3');
  const open = await orrery('up', '--log', folder, '--listen', '0.0.0.0:7447');
  expect(open).toMatchObject({ code: 2 });
  expect(open.err).toContain('a token is needed to listen beyond loopback');
  expect((await orrery('up', '--log', folder, '--listen', 'nowhere')).code).toBe(2);
  expect((await orrery('up', '--log', folder, '--otlp', 'ftp://a')).code).toBe(2);
  expect(existsSync(folder)).toBe(false);
});
