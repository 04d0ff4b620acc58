import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { StoryTeller } from './story.ts';
import type { StoryLine } from './tellers.ts';

function fact<K extends FactKind>(time: number, address: string, kind: K, payload: Facts[K]): HostFact {
  return { actor: 1, n: 1, time, address, kind, payload, cause: { actor: 0, n: 0 } } as unknown as HostFact;
}

function story(facts: readonly HostFact[]): StoryLine[] {
  const lines: StoryLine[] = [];
  const teller = new StoryTeller((line) => lines.push(line));
  for (const each of facts) teller.observe(each);
  teller.flush();
  return lines;
}

const ereport = { class: 'ereport.fs.zfs.io', detector: 'cn-0001/disk/c0t2d0', count: 7, payload: [] };
const suspects = {
  uuid: 'u',
  code: 'ZFS-8000-FD',
  severity: 'Major',
  engine: 'zfs-diagnosis',
  suspects: [
    { class: 'fault.fs.zfs.vdev.io', certainty: 100, resource: 'cn-0001/disk/c0t2d0', fru: '', asru: '' },
  ] as Facts['suspectListed']['suspects'],
  firstEreportAt: 1e9,
  message: true,
};

test('ereports of one kind are told once, with their number, before what follows from them', () => {
  const lines = story([
    fact(1e9, 'cn-0001/disk/c0t2d0', 'ereportPosted', ereport),
    fact(1.5e9, 'cn-0001/disk/c0t2d0', 'ereportPosted', ereport),
    fact(16e9, 'fm/cn-0001', 'suspectListed', suspects),
  ]);
  expect(lines.map((line) => `${line.where} ${line.mark} ${line.text}`)).toEqual([
    'cn-0001 ! ereport.fs.zfs.io (disk c0t2d0) × 14',
    'cn-0001 ! fmd ZFS-8000-FD Major: fault.fs.zfs.vdev.io 100 %, disk c0t2d0 (15 s after the first ereport)',
  ]);
});

test('what comes again and again is told once, and how often more before the next line of its node', () => {
  const lines = story([
    fact(1e9, 'cn-0001/disk/c0t2d0', 'ereportPosted', { ...ereport, count: 1 }),
    fact(60e9, 'cn-0001/disk/c0t2d0', 'ereportPosted', { ...ereport, count: 4 }),
    fact(61e9, 'cn-0002', 'nodePanicked', { message: 'x' }),
    fact(90e9, 'cn-0001/disk/c0t2d0', 'ereportPosted', { ...ereport, count: 5 }),
    fact(100e9, 'fm/cn-0001', 'suspectListed', suspects),
  ]);
  expect(lines.map((line) => `${line.time / 1e9} ${line.text.slice(0, 44)}`)).toEqual([
    '1 ereport.fs.zfs.io (disk c0t2d0)',
    '61 kernel panic: x',
    '100 ereport.fs.zfs.io (disk c0t2d0) × 9 more',
    '100 fmd ZFS-8000-FD Major: fault.fs.zfs.vdev.io ',
  ]);
});

test('the first damaged files of a pool are named, the others counted', () => {
  const lost = Array.from({ length: 5 }, (_, n) =>
    fact(n * 1e9, 'cn-0001/pool/zones', 'dataLost', {
      pool: 'zones',
      dataset: 'zones/a',
      path: `f${n}`,
      blocks: 1,
    }),
  );
  expect(story(lost).map((line) => line.text)).toEqual([
    'zones: f0 is damaged',
    'zones: f1 is damaged',
    'zones: f2 is damaged',
    'zones: 2 more files damaged',
  ]);
});

const zone = (uuid: string, zoneStateBefore: string, zoneState: string) => ({
  uuid,
  alias: uuid,
  zoneStateBefore,
  zoneState,
  state: 'running',
  reason: '',
});

test('zones that boot together are told when the last is up', () => {
  const lines = story([
    fact(1e9, 'cn-0001/zone/a', 'zoneStateChanged', zone('a', 'installed', 'ready')),
    fact(1e9, 'cn-0001/zone/b', 'zoneStateChanged', zone('b', 'installed', 'ready')),
    fact(2e9, 'cn-0001/zone/a', 'zoneBooted', { uuid: 'a', alias: 'a', tookNs: 1e9 }),
    fact(4e9, 'cn-0001/zone/b', 'zoneBooted', { uuid: 'b', alias: 'b', tookNs: 3e9 }),
  ]);
  expect(lines.map((line) => `${line.time / 1e9} ${line.text}`)).toEqual([
    '4 2 zones up, the slowest in 3 s',
  ]);
});

test('a burst of provisioning is told once, and its zones’ boots are not', () => {
  const job = (name: string, execution: string) => ({
    job: name,
    kind: 'provision',
    vm: `vm-${name}`,
    executionBefore: 'queued',
    execution,
    error: '',
  });
  const lines = story([
    fact(1e9, 'headnode/job/1', 'jobStateChanged', job('1', 'running')),
    fact(1e9, 'headnode/job/2', 'jobStateChanged', job('2', 'running')),
    fact(3e9, 'cn-0001/zone/vm-1', 'zoneStateChanged', zone('vm-1', 'installed', 'ready')),
    fact(4e9, 'cn-0001/zone/vm-1', 'zoneBooted', { uuid: 'vm-1', alias: 'a', tookNs: 1e9 }),
    fact(5e9, 'headnode/job/1', 'jobStateChanged', job('1', 'succeeded')),
    fact(9e9, 'headnode/job/2', 'jobStateChanged', job('2', 'succeeded')),
  ]);
  expect(lines.map((line) => line.text)).toEqual(['2 zones provisioned in 8 s']);
});

test('a zone that uses its burst time up again and again is told once, and how often', () => {
  const cap = (before: number, after: number) => ({
    uuid: 'u',
    alias: 'hot',
    before,
    cap: after,
    burstNs: 10e9,
  });
  const lines = story([
    ...[10, 30, 50].flatMap((second) => [
      fact(second * 1e9, 'cn-0001/zone/u', 'cpuCapChanged', cap(200, 50)),
      fact((second + 10) * 1e9, 'cn-0001/zone/u', 'cpuCapChanged', cap(50, 200)),
    ]),
    fact(70e9, 'cn-0001', 'pageRetired', { dimm: '3', page: 1, retired: 1 }),
  ]);
  expect(lines.map((line) => `${line.time / 1e9} ${line.where} ${line.text}`)).toEqual([
    '10 cn-0001 zone hot has used up its burst time of 10 s: held to its CPU baseline of 50 %',
    '70 cn-0001 zone hot has used up its burst time of 10 s: held to its CPU baseline of 50 %, 2 × more',
    '70 cn-0001 page retired on DIMM 3',
  ]);
});

test('a switch that dies takes its links down in one line', () => {
  const lines = story([
    fact(1e9, 'switch/tor-r1', 'switchStateChanged', { switch: 'switch/tor-r1', up: false }),
    fact(1e9, 'cn-0001/nic/ixgbe0', 'linkStateChanged', { link: 'cn-0001/nic/ixgbe0', up: false }),
    fact(1e9, 'uplink/tor-r1', 'linkStateChanged', { link: 'uplink/tor-r1', up: false }),
  ]);
  expect(lines.map((line) => `${line.where}: ${line.text}`)).toEqual([
    'net: switch tor-r1 down',
    'net: 2 links down: cn-0001 ixgbe0, uplink tor-r1',
  ]);
});

test('a quiet retirement is not told', () => {
  expect(story([fact(1, 'fm/cn-0001', 'suspectListed', { ...suspects, message: false })])).toEqual([]);
});

test('lost paths that cut nobody off, and a log that needs no resilver, are told without empty words', () => {
  const paths = { lost: 4, restored: 0, unreachable: [] };
  const pool = 'cn-0001/pool/zones';
  const lines = story([
    fact(1e9, 'net', 'pathsChanged', paths as unknown as Facts['pathsChanged']),
    fact(2e9, pool, 'resilverStarted', { pool: 'zones', vdev: 'c1t0d0', bytes: 0 }),
    fact(2e9, pool, 'resilverFinished', { pool: 'zones', vdev: 'c1t0d0', bytes: 0, errors: 0, tookNs: 0 }),
  ]);
  expect(lines.map((line) => line.text)).toEqual([
    '4 paths lost',
    'zones: c1t0d0 is in use, with nothing to resilver',
  ]);
});

test('pages of a DIMM that go one after another are told once, then counted; of a case told to nobody the end is not told', () => {
  const page = (time: number, retired: number) =>
    fact(time * 1e9, 'cn-0001', 'pageRetired', { dimm: '1', page: retired, retired });
  const mem = { ...ereport, class: 'ereport.cpu.intel.nb.mem_ce', detector: 'cn-0001/dimm/1', count: 1 };
  const ended = { uuid: 'u', code: 'INTEL-8001-7H', stateBefore: 'SOLVED', state: 'REPAIRED' };
  const lines = story([
    fact(1e9, 'fm/cn-0001/case/1', 'suspectListed', { ...suspects, message: false }),
    page(2, 1),
    fact(3e9, 'cn-0001', 'ereportPosted', mem),
    ...Array.from({ length: 50 }, (_, n) => page(10 + n, n + 2)),
    fact(100e9, 'fm/cn-0001/case/1', 'caseStateChanged', ended as Facts['caseStateChanged']),
    fact(101e9, 'cn-0001', 'nodePanicked', { message: 'x' }),
  ]);
  expect(lines.map((line) => `${line.time / 1e9} ${line.text}`)).toEqual([
    '2 page retired on DIMM 1',
    '3 ereport.cpu.intel.nb.mem_ce (dimm 1)',
    '101 50 more pages retired on DIMM 1',
    '101 kernel panic: x',
  ]);
});
