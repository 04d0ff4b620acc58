/** Runs over brokers that ask who we are, and several of them over one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { connectNats } from '@orrery/bus/nats';
import { MS } from '@orrery/kernel';
import { Simulation } from '@orrery/simulator';
import { runOver, type NatsFlags } from '@orrery/simulator/over';
import type { Scenario } from '@orrery/spec';
import {
  newNkey,
  startNatsServer,
  streamsOf,
  type NatsServer,
} from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { loadRunnable } from '../apps/cli/src/load.ts';
import { ServiceProcessCase } from './service-process.case.ts';
import { until } from '../packages/bus/src/bus.case.ts';

const quiet = { out: () => undefined, err: () => undefined, colour: false, interactive: false, width: 100 };
/** Processes that share a few cores with others take their time to start, ms. */
const PATIENCE_MS = 240_000;
const folder = mkdtempSync(join(tmpdir(), 'orrery-brokers-'));
const key = newNkey();
const servers: NatsServer[] = [];
const scenario: Scenario = {
  ...loadRunnable(quiet, 'scenarios/rack-loses-switch', ['datacenter.lookahead=1ms']),
  durationNs: 200 * MS,
};

afterAll(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true });
});

async function brokerOf(configuration?: string): Promise<string> {
  const server = await startNatsServer(configuration);
  servers.push(server);
  return server.url;
}

function fileOf(name: string, text: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function alone(seed: number): string {
  const simulation = new Simulation({ scenario, seed });
  simulation.advance(scenario.durationNs);
  return simulation.digest();
}

const withPassword = 'authorization { users: [ { user: "ann", password: "se:cret" } ] }';
const withNkey = `authorization { users: [ { nkey: "${key.publicKey}" } ] }`;

describe('a broker that asks who we are', () => {
  const brokers: { name: string; configuration: string; access: (url: string) => NatsFlags }[] = [
    {
      name: 'in the address',
      configuration: withPassword,
      access: (url) => ({ nats: `nats://ann:se%3Acret@${url}` }),
    },
    {
      name: 'by user and password file',
      configuration: withPassword,
      access: (nats) => ({ nats, natsUser: 'ann', natsPasswordFile: fileOf('password', 'se:cret\n') }),
    },
    {
      name: 'by nkey',
      configuration: withNkey,
      access: (nats) => ({ nats, natsNkeyFile: fileOf('nkey', key.seed) }),
    },
  ];

  test.each(brokers)(
    'is told $name, and no command line tells it',
    async ({ configuration, access }) => {
      const commandLines: string[] = [];
      const ran = await runOver({
        scenario,
        seed: 7,
        access: access(await brokerOf(configuration)),
        counts: {},
        onFact: () => undefined,
        onStart: (_, pid) => void commandLines.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
      });
      expect(ran.digest).toBe(alone(7));
      expect(commandLines).toHaveLength(5);
      expect(commandLines.join(' ')).not.toMatch(/cret|ann|password|nkey/);
    },
    PATIENCE_MS,
  );

  test('is waited for, and why is said, by a service that it does not know', async () => {
    const url = await brokerOf(withPassword);
    const service = new ServiceProcessCase(['fma', '--nats', `ann:wrong@${url}`]);
    const waiting = () => service.said('waiting for the broker');
    await until(
      'refused',
      () => waiting() !== undefined,
      () => service.text,
      60,
    );
    expect(waiting()).toMatchObject({ broker: url, reason: expect.stringContaining('Authorization') });
    expect(JSON.stringify(service.lines)).not.toContain('wrong');
    expect(await service.leave()).toBe(0);
  });
});

test(
  'several runs at once on one broker, and nothing of them is left',
  async () => {
    const nats = await brokerOf();
    const run = (seed: number) =>
      runOver({ scenario, seed, access: { nats }, counts: {}, onFact: () => undefined });
    const [first, second] = await Promise.all([run(1), run(2)]);
    expect([first.digest, second.digest]).toEqual([alone(1), alone(2)]);
    const nc = await connectNats({ servers: nats });
    expect(await streamsOf(nc)).toEqual([]);
    await nc.close();
  },
  PATIENCE_MS,
);
