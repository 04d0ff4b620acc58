import { expect, test } from 'vitest';
import { MS, SECOND } from '@orrery/kernel';
import { newMemoryLog, readMemoryLog, writeMemoryLog } from '@orrery/log';
import { factNumbers } from '@orrery/proto';
import { loadScenario } from '@orrery/spec';
import { catalogue, Simulation } from '../index.ts';
import { recorderOf } from './recorder.ts';

const files = new Map([
  [
    'datacenter.yaml',
    `name: one-node
start: running
racks: { r1: { nodes: { count: 1, profile: small } } }
profiles:
  small:
    cpus: 8
    memory: 32GiB
    disks: [{ name: c0t0d0, count: 2, kind: ssd, size: 500GB }]
    pools: { zones: { vdevs: [{ mirror: [c0t0d0, c0t1d0] }] } }
`,
  ],
  [
    'scenario.yaml',
    `title: two faults at once
datacenter: datacenter.yaml
seed: 3
duration: 3s
timeline:
  - { at: 1s, inject: disk.slow, on: cn-0001/disk/c0t0d0 }
  - { at: 1s, inject: disk.slow, on: cn-0001/disk/c0t1d0 }
`,
  ],
]);

const header = {
  engine: 1,
  runId: 'run',
  seed: 3,
  specJson: new Uint8Array(),
  createdAt: '',
  nodeVersion: '',
};

/** The log of a run in one process. */
function alone() {
  const loaded = loadScenario({ read: (path) => files.get(path) }, 'scenario.yaml', catalogue);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const scenario = loaded.value;
  const log = newMemoryLog(header);
  const simulation = new Simulation({ scenario, seed: 3, log: writeMemoryLog(log) });
  simulation.advance(scenario.durationNs);
  return log;
}

test('a log written from windows holds the records of one process, in its order', () => {
  const one = alone();
  const reader = readMemoryLog(one);
  const [facts, commands] = [[...reader.facts()], [...reader.commands()]];
  const merged = newMemoryLog(header);
  const recorder = recorderOf(writeMemoryLog(merged));
  for (let from = 0; from < 3 * SECOND; from += 50 * MS) {
    const upTo = from + 50 * MS;
    const within = ({ time }: { time: number }) => time >= from && time < upTo;
    recorder.write({
      from,
      upTo,
      commands: commands.filter(within).map((command) => ({ command, own: true, shard: 0 })),
      facts: facts.filter(within),
      events: 0,
    });
  }
  expect(facts.filter(({ kind }) => kind === factNumbers.commandAccepted)).toHaveLength(2);
  expect(merged.batches).toEqual(one.batches);
});
