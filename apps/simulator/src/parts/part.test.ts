import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '@orrery/kernel';
import type { Facts } from '@orrery/proto';
import { loadScenario, type Command, type Scenario } from '@orrery/spec';
import { encodeShards } from '../adapters/state-codec.ts';
import { catalogue, decodeSnapshot, Simulation } from '../index.ts';
import { placeAll } from '../services.ts';
import { digestApart, type Asked } from './apart.case.ts';
import { planShards } from './shards.ts';

const datacenter = `name: two-nodes
start: running
caches: warm
lookahead: 2ms
racks:
  r1: { nodes: { count: 2, profile: small } }
profiles:
  small:
    cpus: 8
    memory: 32GiB
    disks: [{ name: c0t0d0, count: 2, kind: ssd, size: 500GB }]
    pools: { zones: { vdevs: [{ mirror: [c0t0d0, c0t1d0] }] } }
packages:
  small: { memory: 1GiB, quota: 10GiB }
vms:
  - { name: web, package: small, image: base-64, node: cn-0002, workers: 4 }
  - { name: caller, package: small, image: base-64, node: cn-0001, workers: 4 }
programs:
  page: { steps: [{ cpu: 1ms }, { read: 16KiB }], reply: 1KiB }
  tour: { steps: [{ call: { to: web, program: page, timeout: 500ms } }], reply: 1KiB }
workloads:
  - { name: visitors, from: outside, to: web, rate: 20/s, program: page, timeout: 1s }
  - { name: tourists, from: outside, to: caller, rate: 20/s, program: tour, timeout: 1s }
`;

function scenarioOf(timeline: string, seconds: number, sets: string[] = []): Scenario {
  const files = new Map([
    ['datacenter.yaml', datacenter],
    [
      'scenario.yaml',
      `title: t\ndatacenter: datacenter.yaml\nseed: 3\nduration: ${seconds}s\ntimeline:\n${timeline}`,
    ],
  ]);
  const loaded = loadScenario({ read: (path) => files.get(path) }, 'scenario.yaml', catalogue, { sets });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

/** A run in one process. */
function alone(scenario: Scenario, commands: readonly Asked[]): Simulation {
  const simulation = new Simulation({ scenario, seed: scenario.seed });
  for (const { at, ...command } of commands) {
    simulation.advance(at);
    simulation.submit(command);
  }
  simulation.advance(scenario.durationNs);
  return simulation;
}

const create =
  '  - { at: 3s, vm: create, entry: { name: web, package: small, image: base-64, workers: 4 }, server: cn-0002 }\n';
const uuid = uuidOfWeb();
const text = { text: 'asked', askedBy: 'test' };
const vm = (action: 'stop' | 'start' | 'destroy'): Command => ({
  kind: 'vm',
  action,
  uuid,
  payloadJson: '',
  server: '',
  count: 1,
});

function uuidOfWeb(): string {
  return scenarioOf('  []', 1).datacenter.vms.find(({ alias }) => alias === 'web')?.uuid ?? '';
}

/** A client's own request. */
function asked(at: number, command: Command): Asked {
  return { at, stamped: { command, ...text }, requestId: `request at ${at}` };
}

describe('a run in parts', () => {
  test('calls, stops, starts and loses a VM that was made at run time where another one was', async () => {
    const scenario = scenarioOf(
      `  - { at: 1s, vm: destroy, on: web }
${create}  - { at: 20s, vm: stop, on: web }
  - { at: 22s, vm: start, on: web }
  - { at: 32s, inject: node.hang, on: cn-0002 }
`,
      34,
    );
    const served = new Map<number, number>();
    const simulation = new Simulation({
      scenario,
      seed: 3,
      onFact: ({ kind, address, actor, payload }) => {
        if (kind !== 'zoneServed' || !address.endsWith(uuid)) return;
        served.set(actor, (served.get(actor) ?? 0) + (payload as Facts['zoneServed']).requests);
      },
    });
    simulation.advance(scenario.durationNs);
    expect([...served.values()].map((requests) => requests > 30)).toEqual([true, true]);
    expect(await digestApart(scenario, 3, { counts: { 'compute-node': 2 } })).toBe(simulation.digest());
  });

  test('takes commands from outside as one process does, and reverts what they asked for, through restarts', async () => {
    const scenario = scenarioOf('  - { at: 5s, inject: disk.slow, on: cn-0002/disk/c0t0d0, for: 3s }\n', 30);
    const slow = (faultId: string, seconds: number): Command => ({
      kind: 'inject',
      faultId,
      faultKind: 'disk.slow',
      target: 'cn-0002/disk/c0t1d0',
      params: [{ name: 'factor', number: 4, text: '' }],
      forNs: seconds * SECOND,
    });
    const revert = {
      kind: 'revert',
      faultId: 'b',
      faultKind: 'disk.slow',
      target: 'cn-0002/disk/c0t1d0',
    } as const;
    const asking = [
      asked(1 * SECOND, slow('a', 12)),
      asked(2 * SECOND, vm('destroy')),
      asked(3 * SECOND, slow('b', 10)),
      asked(4 * SECOND + 50 * MS, scenarioOf(create, 4).timeline[0].command),
      asked(9 * SECOND, revert),
      asked(23 * SECOND, vm('stop')),
      asked(27 * SECOND, vm('start')),
    ];
    const simulation = alone(scenario, asking);
    const restarts = [
      { at: 11 * SECOND, replica: 'headnode' },
      { at: 12 * SECOND, replica: 'compute-node-1' },
      { at: 12_900 * MS, replica: 'headnode' },
      { at: 21 * SECOND, replica: 'headnode' },
    ];
    expect(await digestApart(scenario, 3, { counts: { 'compute-node': 2 }, asked: asking, restarts })).toBe(
      simulation.digest(),
    );
  });

  test('has shards that together are the state of one process: it goes on from what they saved', async () => {
    const scenario = scenarioOf(
      `  - { at: 1s, vm: destroy, on: web }
${create}  - { at: 5s, inject: disk.slow, on: cn-0002/disk/c0t0d0, for: 20s }
  - { at: 12s, inject: disk.fail, on: cn-0001/disk/c0t1d0 }
  - { at: 22s, vm: stop, on: web }
`,
      34,
    );
    const { digest, facts } = { digest: alone(scenario, []).digest(), facts: factsBefore(scenario) };
    const closing = planShards(placeAll(scenario.datacenter)).services.indexOf('headnode');
    const ended: [boundary: number, digest: string][] = [];
    await digestApart(scenario, 3, {
      counts: { 'compute-node': 2 },
      onSaved: (time, shards) => {
        const others = shards.filter((_, shard) => shard !== closing);
        const saved = { seed: 3, time, events: 0, facts: facts(time), closing: shards[closing], others };
        const simulation = new Simulation({ scenario, seed: 3, from: decodeSnapshot(encodeShards(saved)) });
        expect([simulation.now, simulation.facts]).toEqual([time, facts(time)]);
        simulation.advance(scenario.durationNs);
        ended.push([time, simulation.digest()]);
      },
    });
    expect(ended).toEqual([10, 20, 30].map((seconds) => [seconds * SECOND, digest]));
  });

  test('holds zones to their baselines at the same moments as one process does, through a restart', async () => {
    const sets = ['cpu_cap=100', 'cpu_baseline=3', 'cpu_burst=1s'].map(
      (set) => `datacenter.packages.small.${set}`,
    );
    const scenario = scenarioOf('  []', 15, sets);
    const held = new Set<string>();
    const simulation = new Simulation({
      scenario,
      seed: 3,
      onFact: ({ kind, address }) => void (kind === 'cpuCapChanged' && held.add(address)),
    });
    simulation.advance(scenario.durationNs);
    expect(held.size).toBe(1);
    const restarts = [{ at: 8 * SECOND, replica: 'compute-node-1' }];
    expect(await digestApart(scenario, 3, { counts: { 'compute-node': 2 }, restarts })).toBe(
      simulation.digest(),
    );
  });
});

/** How many facts one process reports before a time, ns. */
function factsBefore(scenario: Scenario): (time: number) => number {
  const times: number[] = [];
  const simulation = new Simulation({
    scenario,
    seed: scenario.seed,
    onFact: ({ time }) => void times.push(time),
  });
  simulation.advance(scenario.durationNs);
  return (before) => times.filter((time) => time < before).length;
}
