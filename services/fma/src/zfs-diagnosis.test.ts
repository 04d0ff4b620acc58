import { VdevAction } from '@orrery/proto';
import { MINUTE, SECOND } from '@orrery/kernel';
import { describe, expect, it } from 'vitest';
import {
  caseStory,
  factsOf,
  makeNode,
  number,
  ordersTo,
  resourceEvent,
  tell,
  told,
  text,
  WINDOW,
  zfsEreport,
} from './fmd.fixture.ts';

const SERD_SPACING = 10 * SECOND;

function listed(host: ReturnType<typeof makeNode>) {
  return factsOf(host, 'suspectListed').map(({ time, payload }) => ({
    time,
    code: payload.code,
    fault: payload.suspects[0].class,
    resource: payload.suspects[0].resource,
  }));
}

describe('zfs-diagnosis', () => {
  it('io: fires on the 11th error within ten minutes, waits 15 s, then faults the disk', () => {
    const host = makeNode();
    for (let error = 1; error <= 11; error++) tell(host, zfsEreport('io', error * SERD_SPACING));
    host.runUntil(5 * MINUTE);
    const solvedAt = 11 * SERD_SPACING + 15 * SECOND;
    expect(listed(host)).toEqual([
      { time: solvedAt, code: 'ZFS-8000-FD', fault: 'fault.fs.zfs.vdev.io', resource: 'cn-0001/disk/c0t2d0' },
    ]);
    expect(ordersTo(host, 'cn-0001/pool/zones')).toMatchObject([
      {
        at: solvedAt + WINDOW,
        payload: { action: VdevAction.VDEV_FAULT, disk: 'c0t2d0', spare: true },
      },
    ]);
    expect(factsOf(host, 'resourceRetired')[0].payload.action).toBe('fault');
  });

  it('io: ten errors are no case, nor are eleven a little over ten minutes apart', () => {
    const host = makeNode();
    for (let error = 0; error < 10; error++) tell(host, zfsEreport('io', error * MINUTE));
    tell(host, zfsEreport('io', 10 * MINUTE + 1));
    host.runUntil(20 * MINUTE);
    expect(listed(host)).toEqual([]);
  });

  it('checksum: degrades the disk at once on the 11th', () => {
    const host = makeNode();
    tell(host, zfsEreport('checksum', SECOND, { count: 10 }));
    tell(host, zfsEreport('checksum', 9 * MINUTE));
    host.runUntil(10 * MINUTE);
    expect(listed(host)).toMatchObject([
      { time: 9 * MINUTE, code: 'ZFS-8000-GH', fault: 'fault.fs.zfs.vdev.checksum' },
    ]);
    expect(ordersTo(host, 'cn-0001/pool/zones')).toMatchObject([
      { payload: { action: VdevAction.VDEV_DEGRADE, spare: true } },
    ]);
    expect(caseStory(host)).toEqual(['ZFS-8000-GH SOLVED']);
  });

  it('probe_failure: 15 s, then the disk is faulted', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    host.runUntil(MINUTE);
    expect(listed(host)).toMatchObject([{ time: 16 * SECOND, code: 'ZFS-8000-FD' }]);
  });

  it('probe_failure of an inactive spare: only the 6th within a day', () => {
    const host = makeNode();
    const payload = [number('vdev_spare', 1)];
    for (let probe = 1; probe <= 6; probe++) {
      tell(host, zfsEreport('probe_failure', probe * 3 * MINUTE, { payload }));
    }
    host.runUntil(18 * MINUTE);
    expect(listed(host)).toEqual([]);
    host.runUntil(20 * MINUTE);
    expect(listed(host)).toMatchObject([{ time: 18 * MINUTE, code: 'ZFS-8000-FD' }]);
  });

  it.each([
    ['zpool', '', 'fault.fs.zfs.pool', 'ZFS-8000-CS', 'cn-0001/pool/zones'],
    ['log_replay', '', 'fault.fs.zfs.log_replay', 'ZFS-8000-K4', 'cn-0001/pool/zones'],
    ['io_failure', 'wait', 'fault.fs.zfs.io_failure_wait', 'ZFS-8000-HC', 'cn-0001/pool/zones'],
    ['io_failure', 'continue', 'fault.fs.zfs.io_failure_continue', 'ZFS-8000-JQ', 'cn-0001/pool/zones'],
    ['vdev.open_failed', '', 'fault.fs.zfs.device', 'ZFS-8000-D3', 'cn-0001/disk/c0t2d0'],
    ['vdev.corrupt_data', '', 'fault.fs.zfs.device', 'ZFS-8000-D3', 'cn-0001/disk/c0t2d0'],
    ['vdev.bad_label', '', 'fault.fs.zfs.device', 'ZFS-8000-D3', 'cn-0001/disk/c0t2d0'],
  ])('%s (%s) is %s at once', (name, failmode, fault, code, resource) => {
    const host = makeNode();
    tell(host, zfsEreport(name, SECOND, { payload: [text('pool_failmode', failmode)] }));
    host.runUntil(MINUTE);
    expect(listed(host)).toEqual([{ time: SECOND, code, fault, resource }]);
    const orders = ordersTo(host, 'cn-0001/pool/zones');
    expect(orders).toHaveLength(code === 'ZFS-8000-D3' ? 1 : 0);
  });

  it.each(['delay', 'data', 'authentication', 'config_cache_write'])(
    '%s joins a case that stays unsolved',
    (name) => {
      const host = makeNode();
      tell(host, zfsEreport(name, SECOND, { count: 1000 }));
      host.runUntil(MINUTE);
      expect(told(host)).toEqual([]);
      expect(host.stateOf<{ cases: Map<string, object> }>('fm/cn-0001').cases.size).toBe(1);
    },
  );

  it('looks at nothing during an import, and at no leaf error while a pool is opened', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND, { payload: [text('pool_context', 'open')] }));
    tell(host, zfsEreport('vdev.open_failed', SECOND, { payload: [text('pool_context', 'import')] }));
    tell(host, zfsEreport('io', SECOND, { count: 50, payload: [text('vdev_type', 'mirror')] }));
    tell(host, zfsEreport('probe_failure', SECOND, { replayed: true }));
    host.runUntil(MINUTE);
    expect(told(host)).toEqual([]);
  });

  it('makes one case for each disk, and solves it once', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    tell(host, zfsEreport('probe_failure', 2 * SECOND));
    tell(host, zfsEreport('checksum', 30 * SECOND, { count: 11 }));
    tell(host, zfsEreport('probe_failure', SECOND, { vdev: 'c0t3d0', detector: 'cn-0001/disk/c0t3d0' }));
    host.runUntil(MINUTE);
    expect(listed(host).map(({ resource }) => resource)).toEqual([
      'cn-0001/disk/c0t2d0',
      'cn-0001/disk/c0t3d0',
    ]);
  });
});

describe('a removal', () => {
  it('14 s after the disk failed: no case, and a spare all the same', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    resourceEvent(host, 'removed', 'REMOVED', 15 * SECOND);
    host.runUntil(MINUTE);
    expect(told(host)).toEqual([]);
    expect(ordersTo(host, 'cn-0001/pool/zones')).toMatchObject([
      { payload: { action: VdevAction.VDEV_SPARE } },
    ]);
  });

  it('15 s and a boundary after it: too late, the disk was blamed', () => {
    const host = makeNode();
    tell(host, zfsEreport('probe_failure', SECOND));
    resourceEvent(host, 'removed', 'REMOVED', 16 * SECOND + WINDOW);
    host.runUntil(MINUTE);
    expect(listed(host)).toMatchObject([{ time: 16 * SECOND, code: 'ZFS-8000-FD' }]);
  });

  it('empties the SERD: ten errors before and ten after are no case', () => {
    const host = makeNode();
    tell(host, zfsEreport('io', SECOND, { count: 10 }));
    resourceEvent(host, 'removed', 'REMOVED', 2 * SECOND);
    tell(host, zfsEreport('io', 3 * SECOND, { count: 10 }));
    host.runUntil(MINUTE);
    expect(listed(host)).toEqual([]);
  });
});
