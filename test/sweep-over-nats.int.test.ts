/** Sweeps over a real broker: each result once, what is missing done again, what cannot be done said. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openJobBoard } from '@orrery/bus/jobs';
import { connectNats } from '@orrery/bus/nats';
import { engine, Simulation } from '@orrery/simulator';
import type { RunResult, Sweep } from '@orrery/simulator/sweep';
import { openResultFolder, sweepHere, sweepOver, workSweeps } from '@orrery/simulator/workers';
import { startNatsServer, type NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { loadRunnable } from '../apps/cli/src/load.ts';
import { prepareSweep } from '../apps/cli/src/sweep/prepare.ts';
import type { Terminal } from '../apps/cli/src/terminal.ts';

let server: NatsServer;
let scratch: string;

beforeAll(async () => {
  server = await startNatsServer();
  scratch = mkdtempSync(join(tmpdir(), 'orrery-sweep-'));
});
afterAll(async () => {
  await server?.close();
  rmSync(scratch, { recursive: true, force: true });
});

const quiet: Terminal = {
  out: () => undefined,
  err: () => undefined,
  colour: false,
  interactive: false,
  width: 100,
};
const file = 'scenarios/limping-disk';
const request = { file, seeds: '1..3', vary: ['datacenter.caches=cold,warm'], sets: [], forNs: 10e9 };
const sweep = prepareSweep(quiet, request);

function soloDigest({ seed, settings }: RunResult): string {
  const sets = Object.entries(settings).map(([path, value]) => `${path}=${value}`);
  const scenario = { ...loadRunnable(quiet, file, sets), durationNs: 10e9 };
  const simulation = new Simulation({ scenario, seed });
  simulation.advance(scenario.durationNs);
  return simulation.digest();
}

const never = new AbortController().signal;

function startWorker(): { stop: () => Promise<void>; notices: string[] } {
  const stop = new AbortController();
  const notices: string[] = [];
  const over = workSweeps({
    access: { nats: server.url },
    jobs: 1,
    onResult: () => undefined,
    onNotice: (text) => notices.push(text),
    stop: stop.signal,
    giveUp: never,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await over;
  };
  return { stop: end, notices };
}

interface Heard {
  signal?: AbortSignal;
  notices?: string[];
  /** In the order of their coming. */
  results?: RunResult[];
}

async function gather(id: string, of: Sweep, heard: Heard = {}): Promise<RunResult[]> {
  const { signal = never, notices = [], results = [] } = heard;
  await sweepOver({
    sweep: of,
    id,
    access: { nats: server.url },
    done: new Set(),
    onResult: (result) => results.push(result),
    onNotice: (text) => notices.push(text),
    signal,
  });
  return results.sort((a, b) => (a.key < b.key ? -1 : 1));
}

describe('over a broker', () => {
  test('every run has its result once, with the digest of a run by itself', async () => {
    const worker = startWorker();
    const results = await gather('all', sweep);
    await worker.stop();
    expect(results.map(({ key }) => key)).toEqual(['v1-1', 'v1-2', 'v1-3', 'v2-1', 'v2-2', 'v2-3']);
    expect(results.map(({ digest }) => digest)).toEqual(results.map(soloDigest));
    // No worker is there any more: they are the results that were kept.
    expect(await gather('all', sweep)).toEqual(results);
  });

  test('another sweep of the same id is refused with what differs', async () => {
    const other = prepareSweep(quiet, { ...request, seeds: '1..4' });
    await expect(gather('all', other)).rejects.toThrow('all is another sweep: its seeds are 1..3, not 1..4');
  });

  test('a worker of another engine says so and leaves the runs to others', async () => {
    const worker = startWorker();
    const stop = new AbortController();
    const notices: string[] = [];
    const ended = gather('newer', { ...sweep, engine: engine + 1 }, { signal: stop.signal, notices });
    await expect.poll(() => notices, { timeout: 20_000 }).toHaveLength(1);
    stop.abort();
    expect(await ended).toEqual([]);
    await worker.stop();
    expect(notices[0]).toContain(`refuses: sweep newer is of engine ${engine + 1}, this is engine ${engine}`);
    expect(worker.notices).toEqual([
      `sweep newer is of engine ${engine + 1}, this is engine ${engine}: left to others`,
    ]);
  });

  test('an order that cannot be read is a result with its error, and the worker goes on', async () => {
    const nc = await connectNats({ servers: server.url });
    const board = await openJobBoard(nc, 'orrery-sweep');
    const channel = `engine-${engine}`;
    await board.add({ channel, group: 'bad', key: 'v1-1' }, new TextEncoder().encode('{"seed":'));
    const order = { settings: {}, seed: 1, engine, scenario: 'none' };
    await board.add({ channel, group: 'bad', key: 'v1-2' }, new TextEncoder().encode(JSON.stringify(order)));
    nc.publish(`orrery-sweep.${channel}.no$name.v1`, 'x');
    const worker = startWorker();
    const results = await gather('after-bad', sweep);
    const errorOf = async (key: string) => {
      const bytes = await board.result('bad', key);
      return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as RunResult).error;
    };
    await worker.stop();
    expect(results).toHaveLength(6);
    expect(await errorOf('v1-1')).toContain('JSON');
    expect(await errorOf('v1-2')).toBe('its scenario is not there');
    expect([...(await board.open('bad'))]).toEqual([]);
    await nc.close();
  });
});

test('a broker that dies and comes back costs time only', async () => {
  const worker = startWorker();
  const longer = prepareSweep(quiet, { ...request, seeds: '1..10', forNs: 30e9 });
  const heard: RunResult[] = [];
  const gathered = gather('broker', longer, { results: heard });
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThan(2);
  await server.kill();
  await server.restart();
  const results = await gathered;
  await worker.stop();
  expect(results).toHaveLength(20);
  expect(results.filter(({ error }) => error !== '')).toEqual([]);
  expect(new Set(results.map(({ digest }) => digest)).size).toBe(20);
});

describe('on this machine', () => {
  test('what is missing in the folder is done; a run that throws is a result with its error', async () => {
    const folder = join(scratch, 'out');
    const broken = {
      ...sweep.variations[1].scenario,
      datacenter: {} as Sweep['variations'][0]['scenario']['datacenter'],
    };
    const half = {
      ...sweep,
      variations: [sweep.variations[0], { ...sweep.variations[1], scenario: broken }],
    };
    const first = openResultFolder(folder, half);
    const done = new Set<string>();
    const run = async (kept = first): Promise<string[]> => {
      const ran: string[] = [];
      const onResult = (result: RunResult): void => {
        kept.keep(result);
        ran.push(result.key);
      };
      await sweepHere({ sweep: half, jobs: 2, done, onResult, signal: never });
      return ran.sort();
    };
    expect(await run()).toHaveLength(6);
    const results = readdirSync(join(folder, 'runs')).map(
      (name) => JSON.parse(readFileSync(join(folder, 'runs', name), 'utf8')) as RunResult,
    );
    expect(results.filter(({ error }) => error !== '').map(({ key }) => key)).toEqual([
      'v2-1',
      'v2-2',
      'v2-3',
    ]);
    rmSync(join(folder, 'runs', 'v1-2.json'));
    const again = openResultFolder(folder, half);
    for (const { key } of again.done) done.add(key);
    expect(await run(again)).toEqual(['v1-2']);
    expect(() => openResultFolder(folder, sweep)).toThrow('changed since');
  });
});
