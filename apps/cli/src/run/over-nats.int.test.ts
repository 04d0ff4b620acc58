/** A scenario over a real broker prints what it prints in one process. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startNatsServer,
  type NatsServer,
} from '../../../../packages/bus/src/adapters/nats/nats-server.case.ts';
import { main } from '../main.ts';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server?.close());

async function orrery(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    colour: false,
    interactive: false,
    width: 100,
  };
  const code = await main(['node', 'orrery', 'run', ...args], terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const brief = ['--set', 'datacenter.lookahead=1ms', '--set', 'timeline.0.at=1s'];
const runs = [
  {
    file: 'scenarios/rack-loses-switch',
    settings: [...brief, '--set', 'timeline.0.for=1s', '--for', '3s'],
    replicas: [],
  },
  {
    file: 'scenarios/disk-dies',
    settings: [...brief, '--set', 'timeline.1.at=2s', '--for', '3s'],
    replicas: ['--replicas', 'compute-node=2,storage=2'],
  },
];

describe('orrery run --nats', () => {
  test.each(runs)('prints for $file what it prints in one process', async ({ file, settings, replicas }) => {
    const alone = await orrery(file, ...settings);
    const apart = await orrery(file, ...settings, '--nats', server.url, ...replicas);
    expect(alone.out).toMatch(/seed 7 digest [0-9a-f]{16}$/);
    expect(apart.err).toMatch(/events in/);
    expect(apart.out).toBe(alone.out);
    expect(apart.code).toBe(alone.code);
  });

  test('refuses what it cannot do', async () => {
    const asked = ['scenarios/disk-dies', '--nats', server.url];
    expect((await orrery(...asked, '--replicas', 'net=2')).err).toContain('net: expected 1 to 1 replicas');
    expect((await orrery(...asked, '--replicas', 'nets=1')).err).toContain('no service is named nets');
    expect((await orrery(...asked, '--log', 'x')).err).toContain('--log is for a run in one process');
    const nobody = await orrery('scenarios/disk-dies', '--nats', '127.0.0.1:1');
    expect(nobody.err).toContain('--nats 127.0.0.1:1');
    expect(nobody.code).toBe(1);
  });
});
