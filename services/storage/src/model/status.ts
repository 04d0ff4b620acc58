/**
 * What `zpool status` prints, from a picture of the pool; it decides nothing about the pool.
 *
 * Rules.  1. The first reason that applies, in the order of `reasons`, gives status, action and message id.
 *         2. Config: two columns an indent, names padded to the longest, counters right-aligned in five.
 */
import { sizeText, scanText, type ScanPicture } from './scan-text.ts';

export interface RowPicture {
  name: string;
  /** 0: the pool, 1: top-level vdevs, 2 and more: below. */
  depth: number;
  state: string;
  read: number;
  write: number;
  checksum: number;
  /** What follows the counters: `too many errors`, `(resilvering)`. */
  note: string;
  section: 'config' | 'logs' | 'cache' | 'spares';
}

export interface PoolPicture {
  name: string;
  state: string;
  suspended: boolean;
  scan: ScanPicture;
  rows: RowPicture[];
  /** Files with lost data. */
  lost: string[];
}

interface Reason {
  when: (pool: PoolPicture) => boolean;
  id: string;
  status: string[];
  action: string[];
}

const leafIn = (pool: PoolPicture, state: string) =>
  pool.rows.some((row) => row.depth > 0 && row.state === state);

const reasons: readonly Reason[] = [
  {
    when: (pool) => pool.scan.kind === 'running',
    id: '',
    status: [
      'One or more devices is currently being resilvered.  The pool will',
      'go on serving, perhaps degraded.',
    ],
    action: ['Wait for the resilver to complete.'],
  },
  {
    when: (pool) => pool.suspended,
    id: 'ZFS-8000-HC',
    status: ['One or more devices are faulted in response to IO failures.'],
    action: ["Make sure the affected devices are connected, then run 'zpool clear'."],
  },
  {
    when: (pool) => pool.state === 'UNAVAIL' && leafIn(pool, 'FAULTED'),
    id: '',
    status: [
      'One or more devices are faulted in response to persistent errors.',
      'There are insufficient replicas to go on.',
    ],
    action: ['Destroy and re-create the pool from a backup source.'],
  },
  {
    when: (pool) => pool.state === 'UNAVAIL',
    id: 'ZFS-8000-3C',
    status: ['One or more devices could not be opened.  There are insufficient', 'replicas to go on.'],
    action: ["Attach the missing device and online it using 'zpool online'."],
  },
  {
    when: (pool) => pool.lost.length > 0,
    id: 'ZFS-8000-8A',
    status: [
      'One or more devices has experienced an error resulting in data',
      'corruption.  Applications may be affected.',
    ],
    action: ['Restore the file in question if possible.  Otherwise restore the', 'entire pool from backup.'],
  },
  {
    when: (pool) => leafIn(pool, 'FAULTED'),
    id: '',
    status: [
      'One or more devices are faulted in response to persistent errors.',
      'Sufficient replicas exist for the pool to go on, degraded.',
    ],
    action: ["Replace the faulted device, or use 'zpool clear' to mark the device", 'repaired.'],
  },
  {
    when: (pool) => leafIn(pool, 'UNAVAIL'),
    id: 'ZFS-8000-2Q',
    status: [
      'One or more devices could not be opened.  Sufficient replicas exist for',
      'the pool to go on, degraded.',
    ],
    action: ["Attach the missing device and online it using 'zpool online'."],
  },
  {
    when: (pool) => leafIn(pool, 'DEGRADED') && !leafIn(pool, 'REMOVED') && !leafIn(pool, 'OFFLINE'),
    id: 'ZFS-8000-9P',
    status: [
      'One or more devices has experienced an unrecoverable error.  It was',
      'corrected; applications are unaffected.',
    ],
    action: [
      'Find out whether the device must be replaced, and clear the errors using',
      "'zpool clear' or replace the device with 'zpool replace'.",
    ],
  },
  {
    when: (pool) => pool.rows.some((row) => row.read + row.write + row.checksum > 0),
    id: 'ZFS-8000-9P',
    status: [
      'One or more devices has experienced an unrecoverable error.  It was',
      'corrected; applications are unaffected.',
    ],
    action: [
      'Find out whether the device must be replaced, and clear the errors using',
      "'zpool clear' or replace the device with 'zpool replace'.",
    ],
  },
  {
    when: (pool) => leafIn(pool, 'OFFLINE'),
    id: '',
    status: [
      'One or more devices has been taken offline by the administrator.',
      'Sufficient replicas exist for the pool to go on, degraded.',
    ],
    action: ["Online the device using 'zpool online' or replace the device with", "'zpool replace'."],
  },
  {
    when: (pool) => leafIn(pool, 'REMOVED'),
    id: '',
    status: [
      'One or more devices has been removed by the administrator.',
      'Sufficient replicas exist for the pool to go on, degraded.',
    ],
    action: ["Online the device using 'zpool online' or replace the device with", "'zpool replace'."],
  },
];

const titles = { config: '', logs: 'logs', cache: 'cache', spares: 'spares' } as const;

/** The text of `zpool status NAME`, with `-v` the names of damaged files; lines end in a newline. */
export function zpoolStatus(pool: PoolPicture, verbose = false): string {
  const reason = reasons.find((candidate) => candidate.when(pool));
  const lines = [`  pool: ${pool.name}`, ` state: ${pool.suspended ? 'SUSPENDED' : pool.state}`];
  if (reason !== undefined) {
    lines.push(...field('status', reason.status), ...field('action', reason.action));
    if (reason.id !== '') lines.push(`   see: http://illumos.org/msg/${reason.id}`);
  }
  lines.push(...field('  scan', scanText(pool.scan)), 'config:', '', ...config(pool), '');
  lines.push(...errors(pool, verbose));
  return `${lines.join('\n')}\n`;
}

function field(name: string, text: readonly string[]): string[] {
  return text.map((line, i) =>
    i === 0 ? `${name}: ${line}` : name === '  scan' ? `    ${line}` : `        ${line}`,
  );
}

function config(pool: PoolPicture): string[] {
  let width = 10;
  for (const row of pool.rows) width = Math.max(width, row.depth * 2 + row.name.length);
  const lines = [`\t${'NAME'.padEnd(width)}  ${'STATE'.padEnd(8)}  ${cells('READ', 'WRITE', 'CKSUM')}`];
  let section: RowPicture['section'] = 'config';
  for (const row of pool.rows) {
    if (row.section !== section) lines.push(`\t${titles[row.section]}`);
    section = row.section;
    const name = `${'  '.repeat(row.depth)}${row.name}`.padEnd(width);
    const state = `\t${name}  ${row.state.padEnd(8)}`;
    const note = row.note === '' ? '' : `  ${row.note}`;
    const spare = section === 'spares';
    const counters = spare ? '' : `  ${cells(count(row.read), count(row.write), count(row.checksum))}`;
    lines.push(`${state}${counters}${note === '' ? '' : spare ? `   ${note.trim()}` : note}`.trimEnd());
  }
  return lines;
}

function cells(read: string, write: string, checksum: string): string {
  return `${read.padStart(5)} ${write.padStart(5)} ${checksum.padStart(5)}`;
}

/** Counters above 9999 are shortened, as zpool does. */
function count(value: number): string {
  return value < 10_000 ? String(value) : sizeText(value);
}

function errors(pool: PoolPicture, verbose: boolean): string[] {
  if (pool.lost.length === 0) return ['errors: No known data errors'];
  if (!verbose) return [`errors: ${pool.lost.length} data errors, use '-v' for a list`];
  return [
    'errors: Permanent errors have been detected in the following files:',
    '',
    ...pool.lost.map((path) => `        /${path}`),
  ];
}
