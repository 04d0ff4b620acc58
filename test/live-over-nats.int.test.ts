/** A datacenter whose services are processes over a broker: commanded, killed, gone on with, and recomputed from its log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectControl } from '@orrery/headnode/adapters';
import { decodeSnapshot, Simulation } from '@orrery/simulator';
import { readContext } from '../apps/cli/src/live/context.ts';
import { readRun } from '../apps/cli/src/run/prepare.ts';
import { startNatsServer, type NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { endAll, gone, orrery, root, statusOf, up } from '../apps/cli/src/live/live-process.case.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orrery-live-over-'));
const configBefore = process.env.XDG_CONFIG_HOME;
let server: NatsServer;

beforeAll(async () => {
  process.env.XDG_CONFIG_HOME = scratch;
  server = await startNatsServer();
});
afterAll(async () => {
  endAll();
  await server?.close();
  if (configBefore === undefined) delete process.env.XDG_CONFIG_HOME;
  else process.env.XDG_CONFIG_HOME = configBefore;
  rmSync(scratch, { recursive: true, force: true });
});

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await is()); tries++) {
    if (tries > 600) throw new Error(`waited in vain until ${what}`);
    await setTimeout(100);
  }
}

test('is commanded, killed and gone on with; its log is that of one process', async () => {
  const runs = join(scratch, 'runs');
  const scenario = join(root, 'scenarios', 'rack-loses-switch', 'datacenter.yaml');
  const args = [scenario, '--set', 'lookahead=1ms', '--nats', server.url, '--runs', runs, '--speed', 'max'];
  const first = await up(...args, '--paused');
  await until('it runs', async () => (await statusOf()).state === 'paused');
  await orrery('step', '20');
  const injected = await orrery(
    'fault',
    'inject',
    'link.loss',
    'cn-0001/nic/ixgbe0',
    '--for',
    '1s',
    '--json',
  );
  expect(injected.code, injected.err).toBe(0);
  const { number, requestId } = JSON.parse(injected.out) as { number: number; requestId: string };
  expect(number).toBe(1);
  expect(requestId).not.toBe('');
  await orrery('step', '10');
  const before = await statusOf();
  expect(before.time).toBeGreaterThan(1e9);
  first.kill('SIGKILL');
  await gone(first);
  const second = await up(...args, '--paused');
  await until('it is where it was', async () => {
    const { state, time } = await statusOf();
    return state === 'paused' && time >= before.time;
  });
  await orrery('step', '20');
  const faults = await orrery('fault', 'list');
  expect(faults.out).toMatch(/link\.loss .* reverted 00:00:02/);
  const follows = await orrery('events', '--type', 'fault*', '--json');
  expect(follows.out.split('\n').map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
    'faultInjected',
    'faultReverted',
  ]);
  const other = await orrery(
    'up',
    scenario,
    '--nats',
    server.url,
    '--log',
    join(scratch, 'other'),
    '--listen',
    '127.0.0.1:0',
  );
  expect(other).toMatchObject({ code: 1 });
  expect(other.err).toContain('another datacenter is up on this broker');
  const control = connectControl({ ...readContext()!, tls: undefined });
  const taken = await control.call('snapshot', {});
  control.close();
  await orrery('step', '30');
  const down = await orrery('down', '--json');
  expect(down.code, down.err).toBe(0);
  const { digest, log } = JSON.parse(down.out) as { digest: string; log: string };
  await gone(second);
  const replayed = JSON.parse((await orrery('replay', log, '--json')).out) as {
    same: boolean;
    digest: string;
  };
  expect(replayed).toMatchObject({ same: true, digest });
  const { scenario: logged, seed, reader } = readRun(log);
  const snapshot = reader.lastVerifiedSnapshot();
  expect(snapshot?.time).toBe(Number(taken.time));
  const from = decodeSnapshot(snapshot!.state);
  const facts = [...reader.facts(snapshot!.sequence)];
  expect(facts.every(({ time }) => time >= snapshot!.time)).toBe(true);
  const rest = new Simulation({ scenario: logged, seed, from, logged: reader.commands() });
  rest.advance(reader.upTo);
  expect([rest.digest(), rest.facts]).toEqual([digest, [...reader.facts()].length]);
}, 300_000);
