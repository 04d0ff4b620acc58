import { describe, expect, test } from 'vitest';
import { newMemoryLog, readMemoryLog, resumeMemoryLog, writeMemoryLog, type MemoryLog } from '@orrery/log';
import { loadScenario, starterFiles, type Command, type Scenario } from '@orrery/spec';
import { catalogue, decodeSnapshot, encodeSnapshot, engine, Simulation } from './index.ts';

const SECOND = 1_000_000_000;
const WINDOW = 50_000_000;
const files = new Map(starterFiles.map(({ path, text }) => [path, text]));

function starter(): Scenario {
  const loaded = loadScenario({ read: (path) => files.get(path) }, 'scenario.yaml', catalogue, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return { ...loaded.value, durationNs: 100 * SECOND };
}

const scenario = starter();
const newLog = () =>
  newMemoryLog({
    engine,
    runId: 'outside',
    seed: 7,
    specJson: new Uint8Array(),
    createdAt: '',
    nodeVersion: '',
  });

const slow: Command = {
  kind: 'inject',
  faultId: 'x1',
  faultKind: 'disk.slow',
  target: 'cn-0001/disk/c0t0d0',
  params: [{ name: 'factor', number: 4, text: '' }],
  forNs: 10 * SECOND,
};
const stop: Command = {
  kind: 'vm',
  action: 'stop',
  uuid: scenario.datacenter.vms[0]?.uuid ?? '',
  payloadJson: '',
  server: '',
  count: 1,
};

interface Asked {
  at: number;
  command: Command;
}

/** A run with commands from outside, stopped at `until` as if by a kill. */
function live(log: MemoryLog, asked: readonly Asked[], until: number): Simulation {
  const simulation = new Simulation({
    scenario,
    seed: 7,
    log: writeMemoryLog(log),
    encodeSnapshot,
    snapshotEveryNs: 10 * SECOND,
  });
  for (const [i, { at, command }] of asked.entries()) {
    simulation.advance(at);
    const stamped = { command, text: `asked ${i}`, askedBy: 'test' };
    simulation.submit({ stamped, requestId: `r${i}` });
  }
  simulation.advance(until);
  return simulation;
}

const asked: Asked[] = [
  { at: 5 * SECOND, command: slow },
  { at: 5 * SECOND, command: stop },
  { at: 10 * SECOND, command: { ...stop, action: 'start' } },
  { at: 21 * SECOND + 3 * WINDOW, command: { ...slow, faultId: 'x2', forNs: 0 } },
];

describe('commands from outside', () => {
  const log = newLog();
  const first = live(log, asked, 40 * SECOND);
  const digest = first.digest();
  first.end();

  test('are in the log before their effect, at the boundary at which they came', () => {
    const commands = [...readMemoryLog(log).commands()];
    expect(commands.map(({ n, time, requestId }) => [n, time / SECOND, requestId])).toEqual([
      [1, 5, 'r0'],
      [2, 5, 'r1'],
      [3, 10, 'r2'],
      [4, 15, ''],
      [5, 21.15, 'r3'],
    ]);
    expect(commands[3]?.text).toBe('revert x1 disk.slow on cn-0001/disk/c0t0d0');
  });

  test('give the same digest when taken from the log', () => {
    const replay = new Simulation({ scenario, seed: 7, logged: readMemoryLog(log).commands() });
    replay.advance(40 * SECOND);
    expect(replay.digest()).toBe(digest);
    const without = new Simulation({ scenario, seed: 7 });
    without.advance(40 * SECOND);
    expect(without.digest()).not.toBe(digest);
  });

  test('are taken again, and not written twice, by a run that is gone on with', () => {
    for (const killedAt of [5 * SECOND, 5 * SECOND + WINDOW, 12 * SECOND, 15 * SECOND, 33 * SECOND]) {
      const broken = newLog();
      live(
        broken,
        asked.filter(({ at }) => at <= killedAt),
        killedAt,
      );
      const resumed = resumeMemoryLog(broken, engine);
      const from = resumed.snapshot && decodeSnapshot(resumed.snapshot.state);
      const logged = [...readMemoryLog(broken).commands()];
      const options = { scenario, seed: 7, encodeSnapshot, snapshotEveryNs: 10 * SECOND };
      const second = new Simulation({ ...options, log: resumed.writer, from, logged });
      second.advance(killedAt);
      second.takeCommands();
      for (const [i, { at, command }] of asked.entries()) {
        if (at <= killedAt) continue;
        second.advance(at);
        second.submit({ stamped: { command, text: `asked ${i}`, askedBy: 'test' }, requestId: `r${i}` });
      }
      second.advance(40 * SECOND);
      second.end();
      expect(readMemoryLog(broken).ended?.digest).toBe(digest);
      expect([...readMemoryLog(broken).commands()].map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
    }
  });

  test('are refused between boundaries', () => {
    const simulation = new Simulation({ scenario, seed: 7 });
    simulation.advance(7);
    expect(() =>
      simulation.submit({ stamped: { command: stop, text: '', askedBy: '' }, requestId: 'r' }),
    ).toThrow('no control boundary');
  });
});
