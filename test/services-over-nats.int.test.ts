/** Services as processes over a real broker: before it and after it, more and fewer, killed and asked to go. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStreams, deleteStreams, natsBus, connectNats, runRegistry } from '@orrery/bus/nats';
import type { NatsConnection } from '@orrery/bus/nats';
import { MS, SECOND } from '@orrery/kernel';
import { Simulation } from '@orrery/simulator';
import type { Scenario } from '@orrery/spec';
import { until } from '../packages/bus/src/bus.case.ts';
import { startNatsServer, type NatsServer } from '../packages/bus/src/adapters/nats/nats-server.case.ts';
import { loadRunnable } from '../apps/cli/src/load.ts';
import { gatherer } from '../apps/simulator/src/parts/gather.ts';
import { ServiceProcessCase } from './service-process.case.ts';

const quiet = { out: () => undefined, err: () => undefined, colour: false, interactive: false, width: 100 };
// So short a lookahead that a second of it takes more than one of ours on any machine.
const sets = ['datacenter.lookahead=500us', 'timeline.0.at=1s', 'timeline.0.for=1s'];

let server: NatsServer;
let nc: NatsConnection;
const processes = new Map<string, ServiceProcessCase>();
const headnodes: ServiceProcessCase[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(async () => {
  for (const one of processes.values()) await one.kill();
  await nc?.close();
  await server?.close();
});

function scenarioOf(seconds: number): Scenario {
  return { ...loadRunnable(quiet, 'scenarios/rack-loses-switch', sets), durationNs: seconds * SECOND };
}

function start(service: string, replica: string, ...more: string[]): ServiceProcessCase {
  const one = new ServiceProcessCase([service, '--nats', server.url, '--replica', replica, ...more]);
  processes.set(replica, one);
  if (service === 'headnode') headnodes.push(one);
  return one;
}

/** One that calls itself after this machine. */
function nameless(service: string): ServiceProcessCase {
  return new ServiceProcessCase([service, '--nats', server.url]);
}

async function register(id: string, scenario: Scenario, replicas: Record<string, number>): Promise<void> {
  const registry = runRegistry(nc);
  await createStreams(nc, id);
  await registry.writeScenario(id, JSON.stringify(scenario));
  await registry.write({
    id,
    seed: scenario.seed,
    name: scenario.name,
    replicas: Object.entries(replicas).map(([service, count]) => ({ service, count })),
    traced: false,
    ended: false,
    epochMs: 0,
  });
}

/** Reads until all is told. @param onTold hears how far it is, ns */
async function digestOf(
  id: string,
  scenario: Scenario,
  onTold: (upTo: number) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const reader = await natsBus(nc, id).open('reader');
  const gathered = gatherer({ scenario, onFact: () => undefined });
  const endMs = performance.now() + 180_000;
  for (let from = 0; gathered.upTo < scenario.durationNs;) {
    const { batches, next } = await reader.readFacts(from);
    for (const batch of batches) gathered.add(batch);
    await onTold(gathered.upTo);
    if (performance.now() > endMs) throw new Error(`came to ${gathered.upTo} ns only\n${told()}`);
    if (next === from) await setTimeout(20);
    from = next;
  }
  await reader.close();
  return gathered.digest();
}

/** Who was to run the compute nodes, one after another, as the headnode's processes said. */
function epochs(): string[] {
  const said = headnodes.flatMap(({ lines }) => lines.filter(({ msg }) => msg === 'a new epoch begins'));
  const shares = said.map(({ members }) =>
    Object.entries(members as Record<string, string>)
      .filter(([replica]) => replica.startsWith('compute-node-'))
      .map(([replica, shards]) => `${replica.slice('compute-node-'.length)}=${shards}`)
      .join(' '),
  );
  return shares.filter((share, at) => share !== shares[at - 1]);
}

function told(): string {
  return [...processes]
    .map(([replica, { lines, text }]) => `${replica}: ${JSON.stringify(lines.slice(-4))}${text}`)
    .join('\n');
}

function alone(scenario: Scenario): string {
  const simulation = new Simulation({ scenario, seed: scenario.seed });
  simulation.advance(scenario.durationNs);
  return simulation.digest();
}

async function get(address: unknown, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://${String(address)}${path}`);
  return { status: response.status, text: await response.text() };
}

test('services wait for broker and run, come and go, die and come back, and go on to the next run', async () => {
  await server.kill();
  const fma = start('fma', 'fma-0', '--http-port', '0');
  for (const replica of ['compute-node-a', 'compute-node-b']) start('compute-node', replica);
  for (const one of ['headnode', 'net']) start(one, one);
  start('storage', 'storage-0');
  await until('waiting for the broker', () => fma.said('waiting for the broker') !== undefined, told, 60);
  await until('served', () => fma.said('serving') !== undefined, told);
  const address = fma.said('serving')?.address;
  expect(await get(address, '/healthz')).toEqual({ status: 200, text: 'ok\n' });
  expect(await get(address, '/readyz')).toEqual({ status: 503, text: 'it waits for the broker\n' });
  await server.restart();
  nc = await connectNats({ servers: server.url });
  await until('waiting for a run', () => fma.said('waiting for a run') !== undefined, told, 60);

  const scenario = scenarioOf(5);
  const steps: [atNs: number, act: () => Promise<unknown>][] = [
    [100 * MS, async () => void start('compute-node', 'compute-node-c')],
    [200 * MS, () => until('it has shards', () => epochs().length === 2, told, 60)],
    [600 * MS, async () => expect(await processes.get('compute-node-a')?.leave()).toBe(0)],
    [900 * MS, async () => (await processes.get('headnode')?.kill(), start('headnode', 'headnode'))],
    [1300 * MS, async () => expect(await processes.get('storage-0')?.leave()).toBe(0)],
    [1300 * MS, async () => void start('storage', 'storage-0')],
    [1700 * MS, async () => (await server.kill(), server.restart())],
    [2000 * MS, async () => void (await processes.get('compute-node-b')?.kill())],
    [2000 * MS, async () => void processes.set('compute-node-b', nameless('compute-node'))],
  ];
  await register('first', scenario, { 'compute-node': 2 });
  const digest = await digestOf('first', scenario, async (upTo) => {
    while (steps.length > 0 && upTo >= steps[0][0]) await steps.shift()?.[1]();
  });
  expect(digest).toBe(alone(scenario));
  expect(processes.get('compute-node-a')?.said('leaving')).toBeDefined();
  expect(epochs()).toEqual(['a=0 1 b=2 3', 'a=0 1 b=2 c=3', 'b=0 2 c=1 3']);
  const adopted = processes.get('compute-node-b')?.said('taking the place');
  expect(adopted?.adopted).toBe('compute-node-b');
  const registry = runRegistry(nc);
  for (let ended = false; !ended;) ended = (await registry.read())?.ended === true;

  const metrics = await get(address, '/metrics');
  expect(metrics.text).toMatch(/^orrery_windows_total\{service="fma",replica="fma-0"\} [1-9]/m);
  expect(metrics.text).toMatch(/^orrery_wait_seconds_total\{peer="boundary",.*\} [\d.]+$/m);
  expect(metrics.text).toMatch(/^orrery_simulated_seconds\{.*\} 5$/m);
  expect(metrics.text).toMatch(/^process_resident_memory_bytes\{/m);
  expect(metrics.text.endsWith('# EOF\n')).toBe(true);

  const next = scenarioOf(1);
  await register('second', next, { 'compute-node': 2 });
  expect(await digestOf('second', next)).toBe(alone(next));
  await deleteStreams(nc, 'first');
  for (const replica of ['net', 'headnode', 'storage-0', 'compute-node-b', 'compute-node-c', 'fma-0'])
    expect(await processes.get(replica)?.leave()).toBe(0);
}, 300_000);
