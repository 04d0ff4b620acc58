import { restoreHost, takeSnapshot } from '@orrery/actor';
import { VdevAction } from '@orrery/proto';
import { HOUR, MINUTE, SECOND } from '@orrery/kernel';
import { describe, expect, it } from 'vitest';
import {
  caseStory,
  factsOf,
  makeNode,
  number,
  ordersTo,
  partEreport,
  resourceEvent,
  tell,
  told,
  WINDOW,
  zfsEreport,
} from './fmd.fixture.ts';

type TestHost = ReturnType<typeof makeNode>;

function runs(host: TestHost, running: boolean, at: number): void {
  host.post('fm/cn-0001', 'fmdRuns', { running }, at);
}

function repair(host: TestHost, kind: string, part: string, at: number, to = 'fm/cn-0001'): void {
  host.post(to, 'repair', { kind, part, params: [], askedBy: 'test' }, at);
}

function codes(host: TestHost): string[] {
  return factsOf(host, 'suspectListed').map(
    ({ payload }) => `${payload.code}${payload.message ? '' : ' quiet'}`,
  );
}

describe('a panic', () => {
  const dump = (crash: number, at: number) =>
    partEreport('', 'cn-0001', at, {
      class: 'ireport.os.sunos.panic.dump_available',
      payload: [number('crash', crash)],
    });

  it('is a defect of the kernel, each dump its own case, until somebody acquits the node', () => {
    const host = makeNode();
    tell(host, dump(1, SECOND));
    tell(host, dump(1, MINUTE));
    tell(host, dump(2, 2 * MINUTE));
    host.runUntil(3 * MINUTE);
    expect(codes(host)).toEqual(['SUNOS-8000-KL', 'SUNOS-8000-KL']);
    expect(factsOf(host, 'suspectListed')[1].payload).toMatchObject({
      suspects: [{ class: 'defect.sunos.kernel.panic', resource: 'cn-0001' }],
    });
    repair(host, 'fmadm.acquit', 'cn-0001', 4 * MINUTE);
    host.runUntil(10 * MINUTE);
    expect(host.stateOf<{ cases: Map<string, object> }>('fm/cn-0001').cases.size).toBe(0);
  });
});

describe('a case', () => {
  it('goes from SOLVED over CLOSED to RESOLVED when the disk is faulted, replaced and healthy again', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    resourceEvent(host, 'statechange', 'FAULTED', 17 * SECOND);
    resourceEvent(host, 'autoreplace', '', 5 * MINUTE);
    resourceEvent(host, 'statechange', 'ONLINE', 12 * MINUTE);
    host.runUntil(HOUR);
    expect(caseStory(host)).toEqual([
      'ZFS-8000-FD SOLVED',
      'ZFS-8000-FD CLOSE_WAIT',
      'ZFS-8000-FD CLOSED',
      'ZFS-8000-FD REPAIRED',
      'ZFS-8000-FD RESOLVED',
    ]);
    expect(ordersTo(host, 'cn-0001/pool/zones').map(({ payload }) => payload)).toMatchObject([
      { action: VdevAction.VDEV_FAULT },
      { action: VdevAction.VDEV_CLEAR, disk: 'c0t2d0' },
    ]);
    expect(host.stateOf<{ cases: Map<string, object> }>('fm/cn-0001').cases.size).toBe(0);
  });

  it('is made anew, with another UUID, when the disk fails again after its repair', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    repair(host, 'fmadm.repaired', 'cn-0001/disk/c0t2d0', MINUTE);
    tell(host, zfsEreport('probe_failure', 2 * MINUTE));
    host.runUntil(3 * MINUTE);
    const uuids = factsOf(host, 'suspectListed').map(({ payload }) => payload.uuid);
    expect(new Set(uuids).size).toBe(2);
    expect(uuids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('that is not there cannot be repaired, and whoever asks is told so', () => {
    const host = makeNode();
    repair(host, 'fmadm.repaired', 'cn-0001/disk/c0t2d0', MINUTE);
    host.runUntil(2 * MINUTE);
    expect(factsOf(host, 'partRepaired')).toEqual([]);
    expect(factsOf(host, 'syslogWritten').map(({ payload }) => payload.text)).toEqual([
      'fmadm repaired cn-0001/disk/c0t2d0: specified resource is not cached by fault manager',
    ]);
  });

  it('is acquitted by its UUID, to the manager or to the case itself', () => {
    for (const to of ['fm/cn-0001', 'fm/cn-0001/case/1']) {
      const host = makeNode();
      tell(host, zfsEreport('probe_failure', SECOND));
      host.runUntil(20 * SECOND);
      const { uuid } = factsOf(host, 'suspectListed')[0].payload;
      repair(host, 'fmadm.acquit', to === 'fm/cn-0001' ? uuid : '', 30 * SECOND, to);
      host.runUntil(MINUTE);
      expect(caseStory(host).at(-1)).toBe('ZFS-8000-FD RESOLVED');
      expect(factsOf(host, 'partRepaired')[0].payload.target).toBe('cn-0001/disk/c0t2d0');
    }
  });

  it('that is unsolved is dropped without a word when its disk is replaced', () => {
    const host = makeNode();
    tell(host, zfsEreport('io', SECOND, { count: 10 }));
    resourceEvent(host, 'autoreplace', '', 2 * SECOND);
    tell(host, zfsEreport('io', 3 * SECOND, { count: 10 }));
    host.runUntil(MINUTE);
    expect(told(host)).toEqual([]);
  });

  it('has its ereport as its cause', () => {
    const host = makeNode();
    const fact = { actor: 0, n: 7 };
    tell(host, zfsEreport('probe_failure', SECOND, { fact }));
    host.runUntil(MINUTE);
    const solved = host.facts.find((candidate) => candidate.kind === 'suspectListed');
    expect(solved?.cause).toEqual(fact);
    const retired = host.facts.find((candidate) => candidate.kind === 'resourceRetired');
    expect(retired?.cause.actor).toBe(solved?.actor);
  });
});

describe('fmd and its node', () => {
  it('hears nothing while it is down, and keeps its SERD engines over the boot', () => {
    const host = makeNode();
    tell(host, zfsEreport('checksum', SECOND, { count: 8 }));
    host.post('fm/cn-0001', 'nodePower', { on: false, reason: 'power' }, 2 * SECOND);
    tell(host, zfsEreport('checksum', 3 * SECOND, { count: 5 }));
    host.post('fm/cn-0001', 'nodePower', { on: true, reason: 'boot' }, MINUTE);
    runs(host, true, 2 * MINUTE);
    tell(host, zfsEreport('checksum', 3 * MINUTE, { count: 2 }));
    host.runUntil(4 * MINUTE);
    expect(codes(host)).toEqual([]);
    tell(host, zfsEreport('checksum', 5 * MINUTE, { count: 1 }));
    host.runUntil(6 * MINUTE);
    expect(codes(host)).toEqual(['ZFS-8000-GH']);
    expect(factsOf(host, 'fmdStateChanged')).toEqual([
      { time: 2 * SECOND, payload: { running: false, replayed: 0 } },
      { time: 2 * MINUTE + WINDOW, payload: { running: true, replayed: 0 } },
    ]);
  });

  it('waits the 15 s anew, in full, when the node went down during them', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    runs(host, false, 10 * SECOND);
    runs(host, true, 2 * MINUTE);
    host.runUntil(5 * MINUTE);
    expect(factsOf(host, 'suspectListed')[0].time).toBe(2 * MINUTE + 15 * SECOND);
  });

  it('diagnoses a panic after the boot, from what the dump device kept', () => {
    const host = makeNode();
    runs(host, false, SECOND);
    runs(host, true, 3 * MINUTE);
    const payload = [number('page', 4711)];
    const ereport = partEreport('cpu.intel.nb.mem_ue', 'cn-0001/dimm/3', SECOND, { payload, replayed: true });
    host.post('fm/cn-0001', 'ereport', ereport, 3 * MINUTE + 1);
    host.runUntil(4 * MINUTE);
    expect(codes(host)).toEqual(['INTEL-8001-8R quiet', 'INTEL-8001-AQ']);
    expect(factsOf(host, 'fmdStateChanged').at(-1)?.payload).toEqual({ running: true, replayed: 1 });
    expect(ordersTo(host, 'cn-0001')).toMatchObject([
      { kind: 'retirePage', payload: { dimm: 'cn-0001/dimm/3', page: 4711 } },
    ]);
  });

  it('hears after its start what the kernel noticed earlier in the same boot', () => {
    const host = makeNode({ running: false });
    host.post('fm/cn-0001', 'nodePower', { on: true, reason: 'boot' }, SECOND);
    tell(host, zfsEreport('vdev.open_failed', 2 * SECOND));
    runs(host, true, 30 * SECOND);
    host.runUntil(MINUTE);
    expect(factsOf(host, 'suspectListed')[0].time).toBe(30 * SECOND);
  });

  it('takes a CPU off line again after each boot', () => {
    const host = makeNode();
    tell(host, partEreport('cpu.generic-x86.l2cache', 'cn-0001/cpu/5', SECOND, { count: 4 }));
    runs(host, false, MINUTE);
    runs(host, true, 2 * MINUTE);
    host.runUntil(3 * MINUTE);
    expect(ordersTo(host, 'cn-0001').map(({ at, payload }) => [at, payload])).toMatchObject([
      [SECOND + WINDOW, { cpu: 5 }],
      [2 * MINUTE + WINDOW, { cpu: 5 }],
    ]);
    expect(factsOf(host, 'resourceRetired')).toHaveLength(1);
  });

  it('ends the same from a snapshot taken during the 15 s', () => {
    const story = (cut: boolean): string => {
      let host = makeNode();
      tell(host, zfsEreport('probe_failure', SECOND));
      tell(host, zfsEreport('checksum', 2 * SECOND, { count: 5, vdev: 'c0t3d0' }));
      host.runUntil(7 * SECOND);
      if (cut) host = restoreHost({ ...host.options }, structuredClone(takeSnapshot(host)));
      tell(host, zfsEreport('checksum', 10 * SECOND, { count: 6, vdev: 'c0t3d0' }));
      host.runUntil(MINUTE);
      return host.digest();
    };
    expect(story(true)).toBe(story(false));
  });
});

describe('eft', () => {
  it('takes a CPU off line on the 4th cache error in 72 h, and not on the 4th in more', () => {
    const host = makeNode();
    for (let error = 0; error < 4; error++) {
      tell(host, partEreport('cpu.generic-x86.l2cache', 'cn-0001/cpu/5', error * 24 * HOUR));
      tell(host, partEreport('cpu.generic-x86.l1dcache', 'cn-0001/cpu/6', error * 25 * HOUR));
    }
    host.runUntil(80 * HOUR);
    expect(codes(host)).toEqual(['GMCA-8000-47']);
    expect(caseStory(host).at(-1)).toBe('GMCA-8000-47 CLOSED');
  });

  it('takes a CPU off line at once for an uncorrected error', () => {
    const host = makeNode();
    tell(host, partEreport('cpu.intel.l1cache_uc', 'cn-0001/cpu/0', SECOND));
    host.runUntil(MINUTE);
    expect(codes(host)).toEqual(['INTEL-8000-3X']);
  });

  it('retires a page quietly on its 3rd correctable error, and no DIMM for it', () => {
    const host = makeNode();
    for (let error = 1; error <= 3; error++) {
      const payload = [number('page', 77)];
      tell(host, partEreport('cpu.intel.nb.mem_ce', 'cn-0001/dimm/3', error * HOUR, { payload }));
    }
    host.runUntil(4 * HOUR);
    expect(codes(host)).toEqual(['INTEL-8001-7H quiet']);
    expect(factsOf(host, 'resourceRetired')[0].payload.action).toBe('retire');
  });

  it('blames a 256 MiB DIMM on the 5th error past its 125 faulty pages', () => {
    const host = makeNode();
    const errors = (page: number, at: number, count: number): void => {
      const payload = [number('page', page)];
      tell(host, partEreport('cpu.intel.nb.mem_ce', 'cn-0001/dimm/4', at, { payload, count }));
    };
    for (let page = 0; page < 126; page++) errors(page, SECOND + page, 3);
    // The three errors that found page 125 already count: its case is the 126th. Two more make five.
    errors(900, 2 * SECOND, 1);
    host.runUntil(3 * SECOND);
    expect(codes(host).filter((code) => !code.endsWith('quiet'))).toEqual([]);
    errors(901, 4 * SECOND, 1);
    host.runUntil(5 * SECOND);
    expect(codes(host).filter((code) => !code.endsWith('quiet'))).toEqual(['INTEL-8001-94']);
    repair(host, 'dimm.replace', 'dimm/4', 6 * SECOND);
    host.runUntil(7 * SECOND);
    expect(host.stateOf<{ cases: Map<string, object> }>('fm/cn-0001').cases.size).toBe(0);
  });

  it.each([
    ['sensor.failure', 'cn-0001/psu/1', 'SENSOR-8000-3T'],
    ['sensor.failure', 'cn-0001/fan/0', 'SENSOR-8000-26'],
    ['io.scsi.disk.predictive-failure', 'cn-0001/disk/c0t2d0', 'DISK-8000-0X'],
    ['io.scsi.cmd.disk.dev.rqs.derr', 'cn-0001/disk/c0t2d0', 'DISK-8000-3E'],
  ])('%s of %s is %s at once', (name, detector, code) => {
    const host = makeNode();
    tell(host, partEreport(name, detector, SECOND));
    host.runUntil(MINUTE);
    expect(codes(host)).toEqual([code]);
    expect(ordersTo(host, 'cn-0001/pool/zones')).toHaveLength(code.startsWith('DISK') ? 1 : 0);
  });

  it('logs what no rule speaks of', () => {
    const host = makeNode();
    tell(host, partEreport('io.scsi.cmd.disk.tran', 'cn-0001/disk/c0t2d0', SECOND, { count: 500 }));
    tell(host, partEreport('io.nic.something', 'cn-0001/nic/ixgbe0', SECOND));
    host.runUntil(MINUTE);
    expect(told(host)).toEqual([]);
  });
});
