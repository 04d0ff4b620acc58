import { describe, expect, test } from 'vitest';
import { readMemoryLog, newMemoryLog, resumeMemoryLog, writeMemoryLog } from '@orrery/log';
import { loadScenario, starterFiles, type Scenario } from '@orrery/spec';
import {
  catalogue,
  decodeSnapshot,
  encodeSnapshot,
  engine,
  Simulation,
  type SimulationOptions,
} from './index.ts';

const files = new Map(starterFiles.map(({ path, text }) => [path, text]));
const MINUTE = 60_000_000_000;

function starter(durationNs = 4 * MINUTE, sets: string[] = []): Scenario {
  const loaded = loadScenario({ read: (path) => files.get(path) }, 'scenario.yaml', catalogue, { sets });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return { ...loaded.value, durationNs };
}

const scenario = starter();

function run(options: Partial<SimulationOptions> = {}): Simulation {
  const simulation = new Simulation({ scenario, seed: 7, ...options });
  simulation.advance(simulation.scenario.durationNs);
  simulation.end();
  return simulation;
}

const undisturbed = run();
const header = {
  engine,
  runId: 'test',
  seed: 7,
  specJson: new Uint8Array(),
  createdAt: '',
  nodeVersion: '',
};

describe('the same scenario, seed and commands', () => {
  test('give the same digest again, and another with another seed', () => {
    expect(run().digest()).toBe(undisturbed.digest());
    expect(run({ seed: 8 }).digest()).not.toBe(undisturbed.digest());
  });

  test('give it when every message crosses a wire', () => {
    expect(run({ wire: true }).digest()).toBe(undisturbed.digest());
  });

  test('give it when traced', () => {
    let spans = 0;
    const traced = run({
      onSpan: () => {
        spans++;
      },
    });
    expect(traced.digest()).toBe(undisturbed.digest());
    expect(spans).toBeGreaterThan(1000);
  });

  test('give it whatever the slices', () => {
    const simulation = new Simulation({ scenario, seed: 7 });
    while (simulation.now < scenario.durationNs)
      simulation.advance(Math.min(scenario.durationNs, simulation.now + 777_777_777));
    expect(simulation.digest()).toBe(undisturbed.digest());
  });

  test('give it through a crash at any time', () => {
    for (const crashedAt of [1 * MINUTE + 1, 2 * MINUTE, 2.4 * MINUTE, 3.9 * MINUTE]) {
      const log = newMemoryLog(header);
      const first = new Simulation({
        scenario,
        seed: 7,
        log: writeMemoryLog(log),
        encodeSnapshot,
        snapshotEveryNs: 30_000_000_000,
      });
      first.advance(crashedAt);
      const resumed = resumeMemoryLog(log, engine);
      const from = resumed.snapshot === undefined ? undefined : decodeSnapshot(resumed.snapshot.state);
      expect(from?.host.now ?? 0).toBeGreaterThan(crashedAt - 31_000_000_000);
      const second = run({ log: resumed.writer, from, encodeSnapshot });
      expect(second.digest()).toBe(undisturbed.digest());
      expect(readMemoryLog(log).ended?.digest).toBe(undisturbed.digest());
    }
  });
});

test('a run through whose bursts it crashes, is traced or crosses wires gives the same digest', () => {
  // 2 ms of CPU 10 times a second for each of four: 2 % of one CPU.
  const sets = ['packages.small.cpu_baseline=1', 'packages.small.cpu_burst=1s'].map(
    (set) => `datacenter.${set}`,
  );
  const hot = starter(MINUTE, sets);
  const caps: number[] = [];
  const onFact: SimulationOptions['onFact'] = ({ kind, time }) => {
    if (kind === 'cpuCapChanged') caps.push(time);
  };
  const whole = run({ scenario: hot, onFact });
  expect(caps.length).toBeGreaterThan(10);
  expect(run({ scenario: hot, wire: true }).digest()).toBe(whole.digest());
  expect(run({ scenario: hot, onSpan: () => undefined }).digest()).toBe(whole.digest());
  const log = newMemoryLog(header);
  const first = new Simulation({
    scenario: hot,
    seed: 7,
    log: writeMemoryLog(log),
    encodeSnapshot,
    snapshotEveryNs: 10_000_000_000,
  });
  first.advance(0.6 * MINUTE);
  const resumed = resumeMemoryLog(log, engine);
  const from = resumed.snapshot === undefined ? undefined : decodeSnapshot(resumed.snapshot.state);
  expect(run({ scenario: hot, log: resumed.writer, from, encodeSnapshot }).digest()).toBe(whole.digest());
});

test('a nanosecond in one I/O changes the digest', () => {
  const delayed: Scenario = {
    ...scenario,
    timeline: [
      {
        atNs: MINUTE,
        command: {
          kind: 'inject',
          faultId: 'd1',
          faultKind: 'disk.delay',
          target: 'cn-0001/disk/c0t0d0',
          params: [{ name: 'delay', number: 1, text: '' }],
          forNs: 0,
        },
        source: 'test',
        text: 'disk.delay',
      },
      ...scenario.timeline,
    ],
  };
  const none: Scenario = structuredClone(delayed);
  (none.timeline[0].command as unknown as { params: { number: number }[] }).params[0].number = 0;
  const factsOf = (each: Scenario) => {
    const facts: string[] = [];
    const simulation = run({
      scenario: each,
      onFact: (fact) => {
        if (fact.kind !== 'faultInjected')
          facts.push(`${fact.address}#${fact.n} ${fact.time} ${JSON.stringify(fact.payload)}`);
      },
    });
    return { digest: simulation.digest(), facts };
  };
  const with1 = factsOf(delayed);
  const with0 = factsOf(none);
  expect(with1.digest).not.toBe(with0.digest);
  expect(with1.facts).not.toEqual(with0.facts);
});

test('a fork of the run with its own seed goes on as the run, with another one otherwise', () => {
  const trunk = new Simulation({ scenario, seed: 7 });
  trunk.advance(2.1 * MINUTE);
  const bytes = encodeSnapshot(trunk.snapshot());
  const fork = (seed: number | undefined) => {
    const simulation = new Simulation({ scenario, seed: 7, from: decodeSnapshot(bytes) });
    if (seed !== undefined) simulation.host.reseed(seed);
    simulation.advance(scenario.durationNs);
    return simulation.digest();
  };
  expect(fork(undefined)).toBe(undisturbed.digest());
  expect(fork(11)).not.toBe(undisturbed.digest());
  expect(fork(11)).toBe(fork(11));
});
