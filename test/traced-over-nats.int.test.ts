/** A traced run over a real broker makes the spans of one process, whatever becomes of tracer and collector meanwhile. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectNats, createStreams, runRegistry, type NatsConnection } from '@orrery/bus/nats';
import { SECOND } from '@orrery/kernel';
import { Simulation } from '@orrery/simulator';
import type { Scenario } from '@orrery/spec';
import { createTracing } from '@orrery/tracer/adapters';
import { until } from '../packages/bus/src/bus.case.ts';
import { startNatsServer, type NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { spansOf, startCollector } from '../services/tracer/src/adapters/collector.case.ts';
import { loadRunnable } from '../apps/cli/src/load.ts';
import { main } from '../apps/cli/src/main.ts';
import { ServiceProcessCase } from './service-process.case.ts';

const quiet = { out: () => undefined, err: () => undefined, colour: false, interactive: false, width: 100 };
const settings = ['datacenter.lookahead=1ms', 'timeline.0.at=1s', 'timeline.1.at=2s'];
const services = ['headnode', 'compute-node', 'storage', 'net', 'fma'];

let server: NatsServer;
let nc: NatsConnection;
const processes: ServiceProcessCase[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connectNats({ servers: server.url });
});
afterAll(async () => {
  for (const one of processes) await one.kill();
  await nc?.close();
  await server?.close();
});

function start(service: string, run: string, ...more: string[]): ServiceProcessCase {
  const one = new ServiceProcessCase([
    service,
    '--nats',
    server.url,
    '--run',
    run,
    '--replica',
    service,
    ...more,
  ]);
  processes.push(one);
  return one;
}

test('prints the same and writes the same spans as in one process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-traced-'));
  const run = async (...args: string[]): Promise<string> => {
    const out: string[] = [];
    const terminal = { ...quiet, out: (line: string) => void out.push(line) };
    const sets = settings.flatMap((set) => ['--set', set]);
    const code = await main(
      ['node', 'orrery', 'run', 'scenarios/disk-dies', ...sets, '--for', '6s', ...args],
      terminal,
    );
    expect(code).toBe(1);
    return out.join('\n');
  };
  const files = ['alone', 'apart'].map((name) => join(folder, `${name}.jsonl`));
  const untraced = await run();
  const alone = await run('--trace-file', files[0]);
  const apart = await run(
    '--trace-file',
    files[1],
    '--nats',
    server.url,
    '--replicas',
    'compute-node=2,storage=2',
  );
  expect(alone).toBe(untraced);
  expect(apart).toBe(alone);
  const [one, other] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  expect(one).toContain('fault f1 disk.fail');
  expect(other).toBe(one);
}, 240_000);

/** Every span that one process exports. */
async function spansAlone(scenario: Scenario): Promise<Map<string, string>> {
  const collector = await startCollector();
  const { name: run, seed, datacenter, durationNs } = scenario;
  const tracing = createTracing({ run, seed, datacenter, otlp: collector.url });
  const { observeFact: onFact, observeSpan: onSpan } = tracing;
  const simulation = new Simulation({ scenario, seed, onFact, onSpan });
  simulation.advance(durationNs);
  await tracing.finish(durationNs);
  await collector.close();
  return spansOf(collector.taken);
}

test('no span is lost when the collector is away and the tracer is killed', async () => {
  const scenario = { ...loadRunnable(quiet, 'scenarios/disk-dies', settings), durationNs: 26 * SECOND };
  const { name, seed } = scenario;
  const registry = runRegistry(nc, 'traced');
  await createStreams(nc, 'traced');
  await registry.writeScenario('traced', JSON.stringify(scenario));
  await registry.write({ id: 'traced', seed, name, replicas: [], traced: true, ended: false, epochMs: 0 });
  const first = await startCollector();
  const port = Number(new URL(first.url).port);
  for (const service of services) start(service, 'traced');
  const killed = start('tracer', 'traced', '--otlp', first.url);
  await until(
    'spans',
    () => first.taken.length > 0,
    () => '',
    60,
  );
  await first.close();
  await setTimeout(6000);
  await killed.kill();
  const tracer = start('tracer', 'traced', '--otlp', first.url);
  await until(
    'going on',
    () => tracer.said('taking part') !== undefined,
    () => '',
    60,
  );
  await setTimeout(2000);
  const second = await startCollector([{ status: 503 }, { status: 429 }], port);
  expect(await tracer.ended()).toBe(0);
  await second.close();
  const told = tracer.said('told the whole run');
  expect(told).toMatchObject({ failed: 0, pending: 0 });
  const spans = new Map([...spansOf(first.taken), ...spansOf(second.taken)]);
  expect(spans).toEqual(await spansAlone(scenario));
  expect(told?.exported).toBe(spans.size);
}, 240_000);
