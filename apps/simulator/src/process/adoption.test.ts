import { expect, test } from 'vitest';
import { Adoption } from './adoption.ts';
import type { HeardLease } from './lease-table.ts';

const serviceOf = (shard: number): string => (shard < 4 ? 'storage' : 'fma');
const members = [
  { replica: 'storage-old', loose: false, shards: [0, 1] },
  { replica: 'storage-other', loose: false, shards: [2, 3] },
  { replica: 'fma-old', loose: true, shards: [4] },
];

function lease(service: string, replica: string, said: Partial<HeardLease> = {}): HeardLease {
  return { replica, service, process: `${replica}#1`, draining: false, members: [], ageMs: 0, ...said };
}

const headnode = lease('headnode', 'headnode', { members });
const other = lease('storage', 'storage-other');

test('a replica of the same service that stays away is adopted by one without shards', () => {
  const adoption = new Adoption('storage', 'storage-new');
  expect(adoption.candidates([headnode, other], serviceOf, 0)).toEqual([]);
  expect(adoption.candidates([headnode, other], serviceOf, 9000)).toEqual([]);
  expect(adoption.candidates([headnode, other], serviceOf, 10_000)).toEqual(['storage-old']);
});

test('one that comes back is not, nor anybody while the headnode is away, nor by one with shards', () => {
  const adoption = new Adoption('storage', 'storage-new');
  adoption.candidates([headnode, other], serviceOf, 0);
  const back = lease('storage', 'storage-old');
  expect(adoption.candidates([headnode, other, back], serviceOf, 9000)).toEqual([]);
  expect(adoption.candidates([headnode, other], serviceOf, 10_000)).toEqual([]);
  expect(adoption.candidates([other], serviceOf, 30_000)).toEqual([]);
  const member = new Adoption('storage', 'storage-other');
  member.candidates([headnode], serviceOf, 0);
  expect(member.candidates([headnode], serviceOf, 60_000)).toEqual([]);
});
