import { describe, expect, test } from 'vitest';
import { SECOND } from '@orrery/kernel';
import { restoreHost, takeSnapshot } from '@orrery/actor';
import { NODE, Rig, zoneConfigOf } from '../rig.case.ts';

const OS = `${NODE}/os`;
const FM = `fm/${NODE}`;
const POOL = `${NODE}/pool/zones`;

describe('a datacenter that starts running', () => {
  test('has its node in multi-user and its zones serving, and says nothing of it', () => {
    const rig = new Rig().run(1);
    expect(rig.node.phase).toBe('running');
    expect(rig.host.facts).toEqual([]);
    expect(rig.heard(OS, 'osStarted')).toMatchObject([{ at: 0, cpus: 8, warm: true }]);
    expect(rig.heard(OS, 'zoneUp')).toMatchObject([{ at: 0, uuid: 'web', dataset: 'zones/web', warm: true }]);
    expect(rig.heard(OS, 'zoneServes')).toMatchObject([{ at: 0, serving: true }]);
    expect(rig.heard(FM, 'fmdRuns')).toMatchObject([{ running: true }]);
    expect(rig.heard(OS, 'workRun')).toEqual([]);
  });

  test('leaves zones that do not autoboot stopped', () => {
    const rig = new Rig({ zones: [zoneConfigOf('idle', 'joyent', { autoboot: false })] }).run(1);
    expect(rig.zone('idle')).toMatchObject({ zoneState: 'installed', state: 'stopped' });
    expect(rig.heard(OS, 'zoneUp')).toEqual([]);
  });
});

describe('power on', () => {
  test('goes through POST, network boot, import and services, then boots every autoboot zone at once', () => {
    const zones = ['a', 'b'].map((uuid) => zoneConfigOf(uuid));
    const rig = new Rig({ running: false, zones }).run(10);
    expect(rig.node.phase).toBe('off');
    rig.repair('node.power-on');
    const took = rig.runToPhase('running');
    expect(rig.phases()).toEqual(['post', 'netboot', 'booting', 'running']);
    // POST 60 s, at most one retry of 4 s, platform 15 s, import 3 s, boot 40 s.
    expect(took).toBeGreaterThan(118);
    expect(took).toBeLessThan(123);
    expect(rig.heard(POOL, 'poolImport')).toMatchObject([{ afterCrash: false }]);
    expect(rig.heard('net', 'nodePower')).toMatchObject([{ on: true }]);
    rig.run(15);
    const [started] = rig.heard(OS, 'osStarted');
    expect(started).toMatchObject({ warm: false });
    expect(rig.heard(OS, 'workRun')).toHaveLength(2);
    for (const uuid of ['a', 'b']) {
      expect(rig.zoneStates(uuid)).toEqual(['ready', 'running']);
      expect(rig.zone(uuid).state).toBe('running');
    }
    expect(rig.heard(OS, 'zoneServes')).toHaveLength(2);
  });

  test('asks the head node again each few seconds until it answers', () => {
    const rig = new Rig({ running: false, behaviour: { headnodeAnswers: false } });
    rig.repair('node.power-on').run(120);
    expect(rig.node.phase).toBe('netboot');
    expect(rig.heard('headnode', 'netBoot').length).toBeGreaterThan(10);
    rig.behaviour.headnodeAnswers = true;
    rig.runToPhase('running');
  });

  test('goes on without a pool that does not import, and without its zones', () => {
    const rig = new Rig({ running: false, behaviour: { importError: 'no replicas' } });
    rig.repair('node.power-on').runToPhase('running');
    rig.run(30);
    expect(rig.facts('syslogWritten')).toMatchObject([{ text: "zfs: cannot import 'zones': no replicas" }]);
    expect(rig.zone('web').zoneState).toBe('installed');
  });
});

describe('loss of power', () => {
  test('ends everything at once and silently; power on comes back through a boot with its crashed pools', () => {
    const rig = new Rig().run(7).repair('node.power-off').run(1);
    expect(rig.node.phase).toBe('off');
    expect(rig.heard(OS, 'osStopped')).toMatchObject([{ at: 7, reason: 'power', frozen: false }]);
    expect(rig.heard(POOL, 'nodePower')).toMatchObject([{ on: false, reason: 'power' }]);
    expect(rig.heard('net', 'nodePower')).toMatchObject([{ on: false, reason: 'power' }]);
    expect(rig.heard(FM, 'fmdRuns')).toMatchObject([{ running: true }, { running: false }]);
    expect(rig.zoneStates('web')).toEqual(['installed/stopped']);
    const beats = rig.heard('headnode', 'heartbeat').length;
    rig.run(60);
    expect(rig.heard('headnode', 'heartbeat')).toHaveLength(beats);
    rig.repair('node.power-on').runToPhase('running');
    expect(rig.heard(POOL, 'poolImport')).toMatchObject([{ afterCrash: true }]);
    rig.run(15);
    expect(rig.zoneStates('web')).toEqual(['installed/stopped', 'ready', 'running']);
    expect(rig.heard(OS, 'zoneUp')[1]).toMatchObject({ warm: false });
  });

  test.each(['post', 'netboot', 'booting'])('during %s is off, and the next boot is a whole one', (phase) => {
    const rig = new Rig({ running: false });
    rig.repair('node.power-on').runToPhase(phase);
    rig.run(1).inject('node.power').run(100);
    expect(rig.node.phase).toBe('off');
    expect(rig.host.queue.size).toBe(0);
    rig.revert('node.power').runToPhase('running');
    expect(rig.phases().slice(-4)).toEqual(['post', 'netboot', 'booting', 'running']);
  });
});

describe('reset', () => {
  test('goes to POST without a dump', () => {
    const rig = new Rig().run(3).repair('node.reset').run(1);
    expect(rig.phases()).toEqual(['post']);
    expect(rig.heard(OS, 'osStopped')).toMatchObject([{ reason: 'reset' }]);
    rig.run(30).repair('node.reset').run(40);
    expect(rig.phases()).toEqual(['post', 'post']);
    rig.runToPhase('netboot');
    expect(rig.host.now / SECOND).toBeLessThan(98);
  });

  test('does nothing to a node without power', () => {
    const rig = new Rig({ running: false }).repair('node.reset').repair('node.nmi').run(100);
    expect(rig.phases()).toEqual([]);
  });
});

describe('a hang', () => {
  test('freezes fmd, heartbeats and zones, and lasts until NMI, which panics, dumps and boots', () => {
    const rig = new Rig().run(7).inject('node.hang').run(1);
    expect(rig.node.phase).toBe('hung');
    expect(rig.heard(OS, 'osStopped')).toMatchObject([{ reason: 'hang', frozen: true }]);
    expect(rig.heard(FM, 'fmdRuns').at(-1)).toMatchObject({ running: false });
    const beats = rig.heard('headnode', 'heartbeat').length;
    rig.revert('node.hang').run(600);
    expect(rig.node.phase).toBe('hung');
    expect(rig.heard('headnode', 'heartbeat')).toHaveLength(beats);
    expect(rig.zoneStates('web')).toEqual([]);
    expect(rig.heard(POOL, 'nodePower')).toEqual([]);
    rig.repair('node.nmi').run(1);
    expect(rig.facts('nodePanicked')).toMatchObject([{ message: 'NMI received' }]);
    expect(rig.heard(OS, 'osStopped')[1]).toMatchObject({ reason: 'panic', frozen: false });
    rig.runToPhase('running');
    expect(rig.phases()).toEqual(['hung', 'panicked', 'dumping', 'post', 'netboot', 'booting', 'running']);
  });

  test('ends by power, or by reset', () => {
    const off = new Rig().inject('node.hang').run(60).repair('node.power-off').run(1);
    expect(off.phases()).toEqual(['hung', 'off']);
    const reset = new Rig().inject('node.hang').run(60).repair('node.reset').run(1);
    expect(reset.phases()).toEqual(['hung', 'post']);
  });

  test('stops a zone in the middle of its shutdown, which never ends', () => {
    const rig = new Rig().run(1).task(1, 'stop', 'web').run(2).inject('node.hang').run(300);
    expect(rig.zone('web').zoneState).toBe('running');
    expect(rig.heard('headnode', 'vmTaskDone')).toEqual([]);
    rig.repair('node.power-off').run(1);
    expect(rig.zone('web')).toMatchObject({ zoneState: 'installed', frozen: false });
  });

  test('takes a kernel that boots, too', () => {
    const rig = new Rig({ running: false });
    rig.repair('node.power-on').runToPhase('booting');
    rig.inject('node.hang').run(100).repair('node.nmi').run(0.1);
    expect(rig.phases().slice(-2)).toEqual(['hung', 'panicked']);
  });
});

describe('panic', () => {
  const defects = (rig: Rig) =>
    rig
      .heard(FM, 'ereport')
      .filter((ereport) => (ereport as { class: string }).class.startsWith('ireport.os'));

  test('by NMI: its dump is told to fmd after the boot, each dump once, and none that was cut', () => {
    const rig = new Rig().run(1);
    const boots = (): void => {
      rig.run(0.1).runToPhase('running');
      rig.run(1);
    };
    rig.repair('node.nmi').run(0.1).runToPhase('booting');
    expect(defects(rig)).toEqual([]);
    boots();
    const first = { class: 'ireport.os.sunos.panic.dump_available', detector: 'cn-0001', replayed: false };
    expect(defects(rig)).toMatchObject([{ ...first, payload: [{ name: 'crash', number: 1 }] }]);
    rig.repair('node.reset');
    boots();
    rig.repair('node.nmi').run(1).repair('node.reset');
    boots();
    expect(defects(rig)).toHaveLength(1);
    rig.repair('node.nmi');
    boots();
    expect(defects(rig)[1]).toMatchObject({ payload: [{ name: 'crash', number: 2 }] });
  });

  test('of a node whose pool is missing after it: the dump in it is read by the boot that finds the pool', () => {
    const rig = new Rig().run(1);
    rig.behaviour.importError = 'insufficient replicas';
    rig.repair('node.nmi').run(0.1).runToPhase('running');
    rig.run(1);
    expect(defects(rig)).toEqual([]);
    rig.behaviour.importError = '';
    rig.repair('node.reset').run(0.1).runToPhase('running');
    rig.run(1);
    expect(defects(rig)).toHaveLength(1);
  });

  test('double faults: power cut during the dump loses it, a reset too', () => {
    for (const end of ['node.power-off', 'node.reset']) {
      const rig = new Rig().run(1).inject('memory.uncorrectable', 'dimm/3');
      rig.runToPhase('dumping');
      rig.run(1).repair(end).repair('node.power-on').runToPhase('running');
      rig.run(5);
      expect(rig.heard(FM, 'ereport')).toEqual([]);
    }
  });

  test('NMI on a kernel that panics already changes nothing', () => {
    const rig = new Rig().repair('node.nmi').run(0.1).repair('node.nmi').run(5).repair('node.nmi').run(1);
    expect(rig.phases()).toEqual(['panicked', 'dumping']);
  });
});

describe('a snapshot', () => {
  test('in the middle of a boot goes on to the same digest', () => {
    const first = new Rig().run(1).repair('node.nmi').run(130);
    expect(first.node.phase).toBe('booting');
    const saved = structuredClone(takeSnapshot(first.host));
    const second = new Rig();
    const restored = restoreHost(second.host.options, saved);
    for (const host of [first.host, restored]) host.runUntil(200 * SECOND);
    expect(first.node.phase).toBe('running');
    expect(restored.digest()).toBe(first.host.digest());
  });
});
