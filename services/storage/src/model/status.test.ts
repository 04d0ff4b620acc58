import { expect, it } from 'vitest';
import { GIB, SECOND } from '@orrery/kernel';
import { sizeText } from './scan-text.ts';
import { zpoolStatus, type PoolPicture, type RowPicture } from './status.ts';

function row(name: string, depth: number, state: string, more: Partial<RowPicture> = {}): RowPicture {
  return { name, depth, state, read: 0, write: 0, checksum: 0, note: '', section: 'config', ...more };
}

const healthy: PoolPicture = {
  name: 'zones',
  state: 'ONLINE',
  suspended: false,
  scan: { kind: 'none' },
  lost: [],
  rows: [
    row('zones', 0, 'ONLINE'),
    row('mirror-0', 1, 'ONLINE'),
    row('c0t0d0', 2, 'ONLINE'),
    row('c0t1d0', 2, 'ONLINE'),
    row('c0t7d0', 1, 'ONLINE', { section: 'logs' }),
    row('c0t6d0', 1, 'AVAIL', { section: 'spares' }),
  ],
};

it('prints a healthy pool', () => {
  expect(zpoolStatus(healthy)).toBe(
    [
      '  pool: zones',
      ' state: ONLINE',
      '  scan: none requested',
      'config:',
      '',
      '\tNAME        STATE      READ WRITE CKSUM',
      '\tzones       ONLINE        0     0     0',
      '\t  mirror-0  ONLINE        0     0     0',
      '\t    c0t0d0  ONLINE        0     0     0',
      '\t    c0t1d0  ONLINE        0     0     0',
      '\tlogs',
      '\t  c0t7d0    ONLINE        0     0     0',
      '\tspares',
      '\t  c0t6d0    AVAIL',
      '',
      'errors: No known data errors',
      '',
    ].join('\n'),
  );
});

it('prints a resilver on a spare, with its rate and time to go: 15 GiB left at 100 MiB/s are 153 s', () => {
  const text = zpoolStatus({
    ...healthy,
    state: 'DEGRADED',
    scan: {
      kind: 'running',
      since: '00:02:15',
      elapsedNs: 51 * SECOND,
      doneBytes: 5 * GIB,
      totalBytes: 20 * GIB,
    },
    rows: [
      row('zones', 0, 'DEGRADED'),
      row('mirror-0', 1, 'DEGRADED'),
      row('c0t0d0', 2, 'ONLINE'),
      row('spare-1', 2, 'DEGRADED'),
      row('c0t1d0', 3, 'FAULTED', { read: 14, write: 2, note: 'too many errors' }),
      row('c0t6d0', 3, 'ONLINE', { note: '(resilvering)' }),
      row('c0t6d0', 1, 'INUSE', { section: 'spares', note: 'currently in use' }),
    ],
  });
  expect(text).toContain('status: One or more devices is currently being resilvered.');
  expect(text).toContain(
    '  scan: resilver in progress since 00:02:15\n    5G scanned at 100M/s, 5G issued at 100M/s, 20G total',
  );
  expect(text).toContain('    5G resilvered, 25.00% done, 0 days 00:02:33 to go');
  expect(text).toContain('\t      c0t1d0  FAULTED      14     2     0  too many errors');
  expect(text).toContain('\t  c0t6d0      INUSE      currently in use');
});

it('names the files that are lost, and the message id', () => {
  const text = zpoolStatus({ ...healthy, lost: ['zones/a/root/data/00003.dat'] }, true);
  expect(text).toContain('   see: http://illumos.org/msg/ZFS-8000-8A');
  expect(text).toContain(
    'errors: Permanent errors have been detected in the following files:\n\n        /zones/a/',
  );
});

it('takes the first reason: suspended before faulted', () => {
  expect(zpoolStatus({ ...healthy, state: 'UNAVAIL', suspended: true })).toContain('ZFS-8000-HC');
  expect(zpoolStatus({ ...healthy, state: 'UNAVAIL' })).toContain('ZFS-8000-3C');
});

it('writes sizes with three digits', () => {
  expect([0, 512, 1024, 1536, 20.12 * GIB].map(sizeText)).toEqual(['0', '512', '1K', '1.50K', '20.1G']);
});
