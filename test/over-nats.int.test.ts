/** A scenario over a real broker prints what it prints in one process. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNatsServer, type NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import type { HostFact } from '@orrery/actor';
import { MS, SECOND } from '@orrery/kernel';
import { Simulation } from '@orrery/simulator';
import { runOver } from '@orrery/simulator/over';
import { loadRunnable } from '../apps/cli/src/load.ts';
import { main } from '../apps/cli/src/main.ts';
import type { Terminal } from '../apps/cli/src/terminal.ts';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server?.close());

const quiet: Terminal = {
  out: () => undefined,
  err: () => undefined,
  colour: false,
  interactive: false,
  width: 100,
};

async function orrery(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    ...quiet,
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
  };
  const code = await main(['node', 'orrery', 'run', ...args], terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const brief = ['--set', 'datacenter.lookahead=1ms', '--set', 'timeline.0.at=1s'];
/** Processes that share a few cores with others take their time to start, ms. */
const PATIENCE_MS = 240_000;

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
  test.each(runs)(
    'prints for $file what it prints in one process',
    async ({ file, settings, replicas }) => {
      const alone = await orrery(file, ...settings);
      const apart = await orrery(file, ...settings, '--nats', server.url, ...replicas);
      expect(alone.out).toMatch(/seed 7 digest [0-9a-f]{16}$/);
      expect(apart.err).toMatch(/events in/);
      expect(apart.out).toBe(alone.out);
      expect(apart.code).toBe(alone.code);
    },
    PATIENCE_MS,
  );

  test(
    'has the digest of one process when each of its own is killed',
    async () => {
      const sets = ['datacenter.lookahead=1ms', 'timeline.0.at=1s', 'timeline.0.for=1s'];
      const scenario = {
        ...loadRunnable(quiet, 'scenarios/rack-loses-switch', sets),
        durationNs: 3 * SECOND,
      };
      const { seed } = scenario;
      const inOne: HostFact[] = [];
      const alone = new Simulation({ scenario, seed, onFact: (fact) => void inOne.push(fact) });
      alone.advance(scenario.durationNs);
      const pids = new Map<string, number>();
      const killed: string[] = [];
      let nextNs = 200 * MS;
      const facts: HostFact[] = [];
      const apart = await runOver({
        onFact: (fact) => void facts.push(fact),
        scenario,
        seed,
        access: { nats: server.url },
        counts: {},
        onStart: (replica, pid) => void pids.set(replica, pid ?? 0),
        onProgress: (time) => {
          const replica = [...pids.keys()][killed.length];
          if (time < nextNs || replica === undefined) return;
          nextNs = time + 200 * MS;
          killed.push(replica);
          process.kill(pids.get(replica) ?? 0, 'SIGKILL');
        },
      });
      expect(killed.sort()).toEqual(['compute-node-0', 'fma-0', 'headnode', 'net', 'storage-0']);
      expect(apart.digest).toBe(alone.digest());
      const said = (all: readonly HostFact[]) => all.map(({ actor, n, time }) => `${time} ${actor} ${n}`);
      expect(said(facts)).toEqual(said(inOne));
    },
    PATIENCE_MS,
  );

  test('refuses what it cannot do', async () => {
    const asked = ['scenarios/disk-dies', '--nats', server.url];
    expect((await orrery(...asked, '--replicas', 'net=2')).err).toContain('net: expected 1 to 1 replicas');
    expect((await orrery(...asked, '--replicas', 'nets=1')).err).toContain('no service is named nets');
    const resumed = await orrery('--resume', 'x', '--nats', server.url);
    expect(resumed.err).toContain('--resume is for a run in one process');
    expect((await orrery(...asked, '--from', 'x@1s')).err).toContain('--from is for a run in one process');
    const nobody = await orrery('scenarios/disk-dies', '--nats', '127.0.0.1:1');
    expect(nobody.err).toContain('--nats 127.0.0.1:1');
    expect(nobody.code).toBe(1);
  });
});
