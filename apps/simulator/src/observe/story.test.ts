import { expect, test } from 'vitest';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { StoryTeller, type StoryLine } from './story.ts';

function fact<K extends FactKind>(time: number, address: string, kind: K, payload: Facts[K]): HostFact {
  return { actor: 1, n: 1, time, address, kind, payload, cause: { actor: 0, n: 0 } } as unknown as HostFact;
}

function story(facts: readonly HostFact[]): StoryLine[] {
  const lines: StoryLine[] = [];
  const teller = new StoryTeller((line) => lines.push(line));
  for (const each of facts) teller.observe(each);
  teller.flush(Infinity);
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

test('zones that start together are one line, and what nobody cares about is none', () => {
  const zone = (uuid: string) => ({
    uuid,
    alias: uuid,
    zoneStateBefore: 'ready',
    zoneState: 'running',
    state: 'running',
    reason: '',
  });
  const lines = story([
    fact(1e9, 'cn-0001/zone/a', 'zoneStateChanged', zone('a')),
    fact(2e9, 'cn-0001/zone/b', 'zoneStateChanged', zone('b')),
    fact(3e9, 'cn-0002/zone/c', 'zoneStateChanged', { ...zone('c'), zoneState: 'ready' }),
  ]);
  expect(lines.map((line) => line.text)).toEqual(['2 zones running']);
});

test('a quiet retirement is not told', () => {
  expect(story([fact(1, 'fm/cn-0001', 'suspectListed', { ...suspects, message: false })])).toEqual([]);
});
