import { describe, expect, it } from 'vitest';
import { messageIdTable } from '../model/message-ids.ts';
import { messageText } from '../model/message-texts.ts';
import { renderConsole } from './console.ts';
import { renderFaulty, renderFaultyResources } from './faulty.ts';
import { FMDUMP_HEADER, renderEreport, renderFmdump } from './fmdump.ts';
import type { FaultRecord } from './record.ts';

const record: FaultRecord = {
  suspects: {
    uuid: '3f9c1d52-7a04-4c1e-9b33-5d0c8a1e93b7',
    code: 'ZFS-8000-FD',
    severity: 'Major',
    engine: 'zfs-diagnosis',
    suspects: [
      {
        class: 'fault.fs.zfs.vdev.io',
        certainty: 100,
        resource: 'cn-0001/disk/c0t2d0',
        fru: 'cn-0001/disk/c0t2d0',
        asru: 'zfs://pool=zones/vdev=c0t2d0',
      },
    ],
    firstEreportAt: 120_000_000_000,
    message: true,
  },
  time: '00:02:15.050',
  caseState: 'CLOSED',
  retired: 'fault',
  host: 'cn-0001',
  platform: 'i86pc',
  chassisId: 'CH0001',
  productSn: 'SN0001',
};

describe('fmadm faulty', () => {
  it('prints a record as an operator knows it', () => {
    expect(renderFaulty([record])).toBe(
      [
        '-------------- ------------------------------------ ------------- --------',
        'TIME           EVENT-ID                             MSG-ID        SEVERITY',
        '-------------- ------------------------------------ ------------- --------',
        '00:02:15.050   3f9c1d52-7a04-4c1e-9b33-5d0c8a1e93b7 ZFS-8000-FD   Major',
        '',
        'Host        : cn-0001',
        'Platform    : i86pc                   Chassis_id  : CH0001',
        'Product_sn  : SN0001',
        '',
        'Fault class : fault.fs.zfs.vdev.io',
        'Affects     : zfs://pool=zones/vdev=c0t2d0',
        '                faulted and taken out of service',
        'Problem in  : cn-0001/disk/c0t2d0',
        '                faulted and taken out of service',
        'FRU         : cn-0001/disk/c0t2d0',
        '                faulty',
        '',
        'Description : A device of a ZFS pool returned more I/O errors than are',
        '              tolerated.',
        '',
        'Response    : The device is faulted and no longer used, and a hot spare is',
        '              brought in where the pool has one.',
        '',
        'Impact      : The pool runs with less redundancy until the device is replaced.',
        '',
        'Action      : Look at the pool with zpool status -x and put in another disk, or',
        '              clear the vdev if the disk is known to be good.',
      ].join('\n'),
    );
  });

  it('says what still serves, and with -r only that', () => {
    const degraded = { ...record, caseState: 'SOLVED', retired: 'degrade' };
    expect(renderFaulty([degraded])).toContain('faulted but still providing degraded service');
    expect(renderFaultyResources([degraded, record])).toMatch(/^zfs:.* degraded\nzfs:.* faulted$/);
    expect(renderFaultyResources([{ ...record, caseState: 'RESOLVED' }])).toMatch(/ ok$/);
  });
});

describe('fmdump', () => {
  it('has a line for a case, and with -v its suspects', () => {
    expect(FMDUMP_HEADER).toBe('TIME                 UUID                                 SUNW-MSG-ID');
    expect(renderFmdump(record)).toBe(
      '00:02:15.050         3f9c1d52-7a04-4c1e-9b33-5d0c8a1e93b7 ZFS-8000-FD',
    );
    expect(renderFmdump(record, true).split('\n')[1]).toBe('  100%  fault.fs.zfs.vdev.io');
  });

  it('has a line for an ereport', () => {
    expect(renderEreport('00:02:00.021', { class: 'ereport.fs.zfs.io', count: 14 })).toBe(
      '00:02:00.021         ereport.fs.zfs.io × 14',
    );
  });
});

describe('the console', () => {
  it('has the fifteen fields in their order', () => {
    expect(renderConsole(record).split('\n').slice(0, 4)).toEqual([
      'SUNW-MSG-ID: ZFS-8000-FD, TYPE: Fault, VER: 1, SEVERITY: Major',
      'EVENT-TIME: 00:02:15.050',
      'PLATFORM: i86pc, CSN: CH0001, HOSTNAME: cn-0001',
      'SOURCE: zfs-diagnosis, REV: 1.0',
    ]);
    expect(renderConsole(record)).toMatch(/\nREC-ACTION: .*good\.$/);
  });

  it('is silent about a page that was retired quietly', () => {
    expect(renderConsole({ ...record, suspects: { ...record.suspects, message: false } })).toBe('');
  });
});

describe('message ids', () => {
  it('are one for each class, each with texts of its own', () => {
    const table = messageIdTable();
    const codes = table.map(({ id }) => id.code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(messageText(code).description).not.toBe(messageText('?').description);
    expect(messageText('GMCA-8000-47').description).toContain('level 2 cache');
    expect(messageText('INTEL-8000-JQ').description).toBe(messageText('FMD-8000-11').description);
  });
});
