import { describe, expect, test } from 'vitest';
import { SECOND } from '@orrery/kernel';
import type { Param } from '@orrery/proto';
import { NODE, Rig } from '../rig.case.ts';

const OS = `${NODE}/os`;
const FM = `fm/${NODE}`;

const perMinute = (rate: number): Param => ({ name: 'rate', number: rate / 60, text: '' });
const pages = (count: number): Param => ({ name: 'pages', number: count, text: '' });

describe('psu.fail', () => {
  test('is survived by the other supply; the sensor says so after one to two minutes, once', () => {
    for (const at of [1, 20, 40, 59]) {
      const rig = new Rig().run(at).inject('psu.fail', 'psu/0').run(600);
      expect(rig.node.phase).toBe('running');
      expect(rig.facts('psuStateChanged')).toMatchObject([{ psu: '0', ok: false, working: 1 }]);
      const ereports = rig.heard(FM, 'ereport');
      expect(ereports).toMatchObject([
        { class: 'ereport.sensor.failure', detector: `${NODE}/psu/0`, replayed: false },
      ]);
      const noticed = (ereports[0]?.noticedAt ?? 0) / SECOND - at;
      expect(noticed).toBeGreaterThan(60);
      expect(noticed).toBeLessThanOrEqual(120);
      const [injected] = rig.facts('faultInjected');
      const [posted] = rig.facts('ereportPosted');
      expect(posted?.cause).toMatch(new RegExp(`#${injected?.n}$`));
    }
  });

  test('is forgiven when it is over before a second reading', () => {
    const rig = new Rig().run(1).inject('psu.fail', 'psu/0').run(50).revert('psu.fail', 'psu/0').run(600);
    expect(rig.heard(FM, 'ereport')).toEqual([]);
    expect(rig.host.queue.size).toBe(1);
  });

  test('of both is a loss of power; a replaced supply brings the node back', () => {
    const rig = new Rig()
      .run(1)
      .inject('psu.fail', 'psu/0')
      .run(1)
      .inject('psu.fail', 'psu/1', [], 'f2')
      .run(1);
    expect(rig.phases()).toEqual(['off']);
    rig.repair('node.power-on').run(10);
    expect(rig.phases()).toEqual(['off']);
    rig.repair('psu.replace', 'psu/1').runToPhase('running');
    expect(rig.heard(FM, 'repair')).toMatchObject([{ kind: 'psu.replace', part: 'psu/1' }]);
  });

  test('while the node is off is noticed by the fmd of its next boot', () => {
    const rig = new Rig({ running: false }).inject('psu.fail', 'psu/0').run(300);
    expect(rig.heard(FM, 'ereport')).toEqual([]);
    rig.repair('node.power-on').runToPhase('running');
    rig.run(130);
    expect(rig.heard(FM, 'ereport')).toHaveLength(1);
  });
});

describe('memory.correctable', () => {
  test('is telemetry at its rate, from few pages, and slows nothing', () => {
    const rig = new Rig().inject('memory.correctable', 'dimm/3', [perMinute(60), pages(4)]).run(600);
    const ereports = rig.heard(FM, 'ereport');
    expect(ereports.length).toBeGreaterThan(500);
    expect(ereports.length).toBeLessThan(700);
    expect(new Set(ereports.map(({ payload }) => payload[0]?.number)).size).toBe(4);
    expect(ereports[0]).toMatchObject({ class: 'ereport.cpu.intel.nb.mem_ce', detector: `${NODE}/dimm/3` });
    expect(rig.node.phase).toBe('running');
    expect(rig.heard(OS, 'cpuOnline')).toEqual([]);
  });

  test('ends with its last weak page; pages retired on order are counted by DIMM', () => {
    const rig = new Rig().inject('memory.correctable', 'dimm/3', [perMinute(60), pages(2)]).run(30);
    const weak = rig.node.faults[0]?.pages ?? [];
    for (const page of weak) {
      const dimm = `${NODE}/dimm/3`;
      rig.host.post(NODE, 'retirePage', { dimm, page, caseUuid: '' });
      rig.host.post(NODE, 'retirePage', { dimm, page, caseUuid: '' });
    }
    rig.run(1);
    expect(rig.facts('pageRetired')).toMatchObject([
      { dimm: '3', page: weak[0], retired: 1 },
      { dimm: '3', page: weak[1], retired: 2 },
    ]);
    const before = rig.heard(FM, 'ereport').length;
    rig.run(600);
    expect(rig.heard(FM, 'ereport')).toHaveLength(before);
  });

  test('does not err while the node is down, errs again after the boot, and ends with the DIMM', () => {
    const rig = new Rig()
      .inject('memory.correctable', 'dimm/3', [perMinute(60)])
      .run(10)
      .repair('node.nmi')
      .run(1);
    const before = rig.heard(FM, 'ereport').length;
    rig.runToPhase('running');
    expect(rig.heard(FM, 'ereport')).toHaveLength(before);
    rig.run(60);
    expect(rig.heard(FM, 'ereport').length).toBeGreaterThan(before + 30);
    rig.repair('dimm.replace', 'dimm/3').run(1);
    const after = rig.heard(FM, 'ereport').length;
    rig.run(600);
    expect(rig.heard(FM, 'ereport')).toHaveLength(after);
    expect(rig.heard(FM, 'repair')).toMatchObject([{ kind: 'dimm.replace', part: 'dimm/3' }]);
  });
});

describe('memory.uncorrectable', () => {
  test('ereport, panic, dump, POST, boot, and only then the diagnosis', () => {
    const rig = new Rig().run(5).inject('memory.uncorrectable', 'dimm/3').run(1);
    const kinds = rig.host.facts.slice(0, 4).map(({ kind }) => kind);
    expect(kinds).toEqual(['faultInjected', 'ereportPosted', 'nodePanicked', 'nodeStateChanged']);
    expect(rig.facts('nodePanicked')).toMatchObject([{ message: 'uncorrectable memory error' }]);
    expect(rig.facts('ereportPosted')).toMatchObject([
      { class: 'ereport.cpu.intel.nb.mem_ue', detector: `${NODE}/dimm/3` },
    ]);
    for (const [index, fact] of rig.host.facts.slice(1, 4).entries()) expect(fact.cause.n).toBe(index + 1);
    expect(rig.heard(FM, 'ereport')).toEqual([]);
    rig.runToPhase('running');
    rig.run(1);
    expect(rig.phases()).toEqual(['panicked', 'dumping', 'post', 'netboot', 'booting', 'running']);
    expect(rig.heard(FM, 'ereport')).toMatchObject([
      { class: 'ereport.cpu.intel.nb.mem_ue', replayed: true },
    ]);
    const [running] = rig.heard(FM, 'fmdRuns').slice(-1);
    expect(running).toMatchObject({ running: true });
    rig.run(1000);
    expect(rig.facts('nodePanicked')).toHaveLength(1);
    expect(rig.heard(FM, 'ereport')).toHaveLength(1);
  });

  test('strikes a node that is off when its kernel runs', () => {
    const rig = new Rig({ running: false }).inject('memory.uncorrectable', 'dimm/3').run(100);
    expect(rig.facts('ereportPosted')).toEqual([]);
    rig.repair('node.power-on').runToPhase('panicked');
  });
});

describe('cpu.cache-errors', () => {
  test('come at their rate until the CPU is off line, and end with another CPU', () => {
    const rig = new Rig().inject('cpu.cache-errors', 'cpu/2', [perMinute(60)]).run(60);
    expect(rig.heard(FM, 'ereport')[0]).toMatchObject({
      class: 'ereport.cpu.intel.l2cache',
      detector: `${NODE}/cpu/2`,
    });
    rig.host.post(NODE, 'retireCpu', { cpu: 2, caseUuid: '' });
    rig.host.post(NODE, 'retireCpu', { cpu: 2, caseUuid: '' });
    rig.run(1);
    expect(rig.facts('cpuStateChanged')).toMatchObject([{ cpu: 2, state: 'faulted' }]);
    expect(rig.heard(OS, 'cpuOnline')).toMatchObject([{ cpus: 7 }]);
    const before = rig.heard(FM, 'ereport').length;
    rig.run(600);
    expect(rig.heard(FM, 'ereport')).toHaveLength(before);
    rig.repair('cpu.replace', 'cpu/2').run(600);
    expect(rig.heard(OS, 'cpuOnline')[1]).toMatchObject({ cpus: 8 });
    expect(rig.heard(FM, 'ereport')).toHaveLength(before);
  });

  test('the last CPU stays on line, and every boot brings all back', () => {
    const rig = new Rig();
    for (let cpu = 0; cpu < 8; cpu++) rig.host.post(NODE, 'retireCpu', { cpu, caseUuid: '' });
    rig.run(1);
    expect(rig.heard(OS, 'cpuOnline').at(-1)).toMatchObject({ cpus: 1 });
    rig.repair('node.reset').run(1).runToPhase('running');
    rig.run(0.1);
    expect(rig.heard(OS, 'osStarted').at(-1)).toMatchObject({ cpus: 8 });
  });
});

describe('node.power', () => {
  test('cuts the node off; the revert gives power back, and the chassis powers on', () => {
    const rig = new Rig().run(1).inject('node.power').run(100);
    expect(rig.facts('nodeStateChanged')).toMatchObject([
      { stateBefore: 'running', state: 'off', reason: 'power cut' },
    ]);
    rig.revert('node.power').runToPhase('running');
  });

  test('stays off when it was switched off meanwhile', () => {
    const rig = new Rig().inject('node.power').run(1).repair('node.power-off').revert('node.power').run(300);
    expect(rig.phases()).toEqual(['off']);
  });

  test('power-on ends the cut', () => {
    const rig = new Rig().inject('node.power').run(1).repair('node.power-on');
    rig.runToPhase('running');
    rig.revert('node.power').run(10);
    expect(rig.node.phase).toBe('running');
  });
});

describe('a link', () => {
  test('that goes down is a line in the log and nothing else', () => {
    const rig = new Rig();
    rig.host.post(NODE, 'nicState', { nic: 'ixgbe0', up: false });
    rig.host.post(NODE, 'nicState', { nic: 'ixgbe0', up: true }, SECOND);
    rig.run(300);
    expect(rig.host.facts.map(({ payload }) => payload)).toEqual([
      { text: 'mac: [ID 486395 kern.info] NOTICE: ixgbe0 link down' },
      { text: 'mac: [ID 435574 kern.info] NOTICE: ixgbe0 link up' },
    ]);
    expect(rig.heard(FM, 'ereport')).toEqual([]);
  });
});

describe('tunable.set', () => {
  const params: Param[] = [
    { name: 'name', number: 0, text: 'zfs_zone_delay_enable' },
    { name: 'value', number: 0, text: '' },
  ];

  test('reaches the running kernel, and says who asked', () => {
    const rig = new Rig().run(1).repair('tunable.set', '', params).run(1);
    expect(rig.heard(OS, 'setTunable')).toMatchObject([{ name: 'zfs_zone_delay_enable', value: 0 }]);
    expect(rig.facts('tunableChanged')).toMatchObject([{ name: 'zfs_zone_delay_enable', value: 0 }]);
  });

  test('finds nothing to write in a node that is off', () => {
    const rig = new Rig().run(1).repair('node.power-off').run(1).repair('tunable.set', '', params).run(1);
    expect(rig.heard(OS, 'setTunable')).toEqual([]);
  });
});
