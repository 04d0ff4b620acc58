import { describe, expect, test } from 'vitest';
import { SECOND } from '@orrery/kernel';
import { NODE, Rig, zoneConfigOf } from '../rig.case.ts';

const OS = `${NODE}/os`;
const done = (rig: Rig) =>
  rig.heard('headnode', 'vmTaskDone').map(({ task, error, state }) => ({ task, error, state }));

/** When the zone first served after its last boot, seconds after it left `installed`. */
function bootSeconds(rig: Rig, uuid: string): number {
  const ready = rig
    .facts('zoneStateChanged')
    .find((fact) => fact.uuid === uuid && fact.zoneState === 'ready');
  const serves = rig.heard(OS, 'zoneServes').at(-1);
  return (serves?.at ?? 0) - (ready?.at ?? 0);
}

describe('a boot', () => {
  test('brings the platform up, works, settles, then serves: about 5 to 15 s for a zone', () => {
    const rig = new Rig({ zones: [zoneConfigOf('idle', 'joyent', { autoboot: false })] });
    rig.run(1).task(1, 'start', 'idle').run(30);
    expect(rig.zoneStates('idle')).toEqual(['ready', 'running']);
    const order = [...rig.heard(OS, 'zoneUp'), ...rig.heard(OS, 'workRun'), ...rig.heard(OS, 'zoneServes')];
    expect(order.map(({ at }) => at)).toEqual(order.map(({ at }) => at).sort((a, b) => a - b));
    expect(rig.heard(OS, 'workRun')).toMatchObject([
      { name: 'boot', cpuNs: 3 * SECOND, readBytes: 48_000_000, readSize: 32_768 },
    ]);
    expect(bootSeconds(rig, 'idle')).toBeGreaterThan(9.2);
    expect(bootSeconds(rig, 'idle')).toBeLessThan(11.8);
    const [booted] = rig.facts('zoneBooted');
    expect((booted?.tookNs ?? 0) / SECOND).toBeCloseTo(bootSeconds(rig, 'idle'), 6);
  });

  test('of a guest begins with its firmware and takes its VCPUs', () => {
    const rig = new Rig({
      zones: [zoneConfigOf('guest', 'kvm', { autoboot: false })],
      behaviour: { workNs: 25 * SECOND },
    });
    rig.run(1).task(1, 'start', 'guest').run(60);
    expect(rig.heard(OS, 'workRun')).toMatchObject([{ name: 'guest boot', threads: 2 }]);
    expect(bootSeconds(rig, 'guest')).toBeGreaterThan(30);
    expect(bootSeconds(rig, 'guest')).toBeLessThan(37);
  });

  test('whose reads fail is halted, and ends installed', () => {
    const rig = new Rig({
      zones: [zoneConfigOf('idle', 'joyent', { autoboot: false })],
      behaviour: { workError: 'EIO' },
    });
    rig.task(1, 'start', 'idle').run(30);
    expect(rig.zoneStates('idle')).toEqual([
      'ready',
      'running',
      'shutting_down',
      'down',
      'installed/stopped',
    ]);
    expect(rig.facts('zoneStateChanged').at(-1)?.reason).toBe('bootfailed: EIO');
    expect(rig.heard(OS, 'zoneServes')).toEqual([]);
  });

  test('does not serve what it began before a stop', () => {
    const rig = new Rig({ zones: [zoneConfigOf('idle', 'joyent', { autoboot: false })] });
    rig.task(1, 'start', 'idle').run(3).task(2, 'stop', 'idle').run(60);
    expect(rig.zone('idle').state).toBe('stopped');
    expect(rig.heard(OS, 'zoneServes')).toEqual([]);
  });
});

describe('a stop', () => {
  test('shuts down inside running, then goes down by the kernel’s states', () => {
    const rig = new Rig().run(1).task(1, 'stop', 'web').run(4);
    expect(rig.zone('web').state).toBe('running');
    expect(rig.heard(OS, 'zoneServes').at(-1)).toMatchObject({ serving: false });
    rig.run(10);
    expect(rig.zoneStates('web')).toEqual(['shutting_down', 'down', 'installed/stopped']);
    expect(rig.heard(OS, 'zoneGone')).toHaveLength(1);
    expect(rig.heard('headnode', 'vmTaskStep').map(({ step }) => step)).toEqual(['halt']);
  });

  test.each([
    ['joyent', 60],
    ['kvm', 180],
    ['bhyve', 180],
  ] as const)('of a %s VM that does not answer is forced after %i s', (brand, seconds) => {
    const rig = new Rig({ zones: [zoneConfigOf('deaf', brand, { shutdownNs: 3600 * SECOND })] });
    rig
      .run(1)
      .task(1, 'stop', 'deaf')
      .run(seconds - 1);
    expect(rig.zone('deaf').state).toBe(brand === 'joyent' ? 'running' : 'stopping');
    expect(done(rig)).toEqual([]);
    rig.run(3);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'stopped' }]);
    expect(rig.facts('zoneStateChanged').at(-1)?.reason).toBe(`halted: not down after ${seconds} s`);
  });

  test('a guest shows stopping while it powers down', () => {
    const rig = new Rig({ zones: [zoneConfigOf('guest', 'kvm')] }).run(1).task(1, 'stop', 'guest').run(30);
    expect(rig.zoneStates('guest')).toEqual([
      'running/stopping',
      'shutting_down',
      'down',
      'installed/stopped',
    ]);
  });
});

describe('a reboot', () => {
  test('goes down and comes up as a new zone, cold', () => {
    const rig = new Rig().run(1).task(1, 'reboot', 'web').run(30);
    expect(rig.zoneStates('web')).toEqual(['shutting_down', 'down', 'ready', 'running']);
    expect(rig.heard(OS, 'zoneUp').map(({ warm }) => warm)).toEqual([true, false]);
    expect(rig.heard(OS, 'zoneServes').map(({ serving }) => serving)).toEqual([true, false, true]);
    expect(done(rig)).toEqual([{ task: 1, error: '', state: 'running' }]);
  });
});

describe('a crash of the node', () => {
  test('ends every active state in installed, without a word to the os, from wherever the zone was', () => {
    for (const seconds of [0.2, 2, 8, 5.4, 5.8]) {
      const rig = new Rig().run(1);
      rig.task(1, seconds > 3 ? 'stop' : 'reboot', 'web').run(seconds);
      const before = rig.heard(OS, 'zoneGone').length;
      rig.repair('node.power-off').run(60);
      expect(rig.zone('web')).toMatchObject({ zoneState: 'installed', state: 'stopped', task: 0, up: false });
      expect(rig.heard(OS, 'zoneGone')).toHaveLength(before);
      expect(rig.host.queue.size).toBe(0);
    }
  });

  test('during its boot boots it again with the node', () => {
    const rig = new Rig().run(1).repair('node.reset').run(1);
    rig.runToPhase('running');
    rig.run(2).repair('node.reset').run(1);
    expect(rig.zoneStates('web')).toEqual(['installed/stopped', 'ready', 'running', 'installed/stopped']);
    rig.runToPhase('running');
    rig.run(15);
    expect(rig.zone('web').state).toBe('running');
  });

  test('is told with the node’s loss as its cause', () => {
    const rig = new Rig().run(1).inject('node.power').run(1);
    const [injected, changed, zone] = rig.host.facts;
    expect([injected?.kind, changed?.kind, zone?.kind]).toEqual([
      'faultInjected',
      'nodeStateChanged',
      'zoneStateChanged',
    ]);
    expect(zone?.cause).toEqual({ actor: changed?.actor, n: changed?.n });
    expect(zone?.payload).toMatchObject({ reason: 'node: power' });
  });
});

test('what the os counted in a second becomes the zone’s own fact', () => {
  const rig = new Rig().run(1);
  const report = { from: 0, requests: 3, errors: 0, latency: [], ledger: [] };
  rig.host.post(`${NODE}/zone/web`, 'zoneReport', report as never);
  rig.run(1);
  expect(rig.facts('zoneServed')).toMatchObject([{ requests: 3 }]);
});
