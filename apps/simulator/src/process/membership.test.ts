import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Member } from '@orrery/proto';
import type { ShardPlan } from '../parts/shards.ts';
import type { HeardLease } from './lease-table.ts';
import { membersWanted, waitedFor } from './membership.ts';

/** Shards 0 to 3 are storage's, 4 net's; net is loose to make it differ. */
const services = ['storage', 'storage', 'storage', 'storage', 'net'];
const plan: ShardPlan = { services, shardOf: () => 0, isLoose: (shard) => shard === 4 };
const counts = { storage: 2 };

function lease(replica: string, more: Partial<HeardLease> = {}): HeardLease {
  const service = replica.replace(/-\w$/, '');
  return { replica, service, process: `${replica}#1`, draining: false, members: [], ageMs: 60_000, ...more };
}

/** `a=0,1 b=2,3`: storage-a has shards 0 and 1, … */
function members(text: string): Member[] {
  const storage = text.split(' ').map((each) => {
    const [name, shards] = each.split('=');
    return { replica: `storage-${name}`, loose: false, shards: shards.split(',').map(Number) };
  });
  return [...storage, { replica: 'net', loose: true, shards: [4] }];
}

function told(wanted: readonly Member[] | undefined): string | undefined {
  return wanted
    ?.filter(({ loose }) => !loose)
    .map(({ replica, shards }) => `${replica.slice('storage-'.length)}=${shards.join(',')}`)
    .join(' ');
}

const net = lease('net');

describe('the first members', () => {
  const wanted = (...leases: HeardLease[]) => membersWanted({ plan, counts, members: [], leases });

  test('are waited for, each service until it has its count', () => {
    const leases = [lease('storage-a', { ageMs: 0 }), lease('storage-b', { draining: true })];
    expect(waitedFor({ plan, counts, members: [], leases })).toEqual(['storage 1 of 2', 'net 0 of 1']);
    expect(wanted(...leases)).toBeUndefined();
  });

  test('begin at once, and share each service’s shards', () => {
    expect(wanted(net, lease('storage-b', { ageMs: 0 }), lease('storage-a', { ageMs: 10 }))).toEqual(
      members('a=0,1 b=2,3'),
    );
  });

  test('are as many as are there, though fewer are wanted', () => {
    const wantedNow = wanted(net, lease('storage-a'), lease('storage-b'), lease('storage-c'));
    expect(told(wantedNow)).toBe('a=0,1 b=2 c=3');
  });

  test('leave out whoever no shard is left for', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => lease(`storage-${name}`));
    expect(told(wanted(net, ...five))).toBe('a=0 b=1 c=2 d=3');
  });
});

describe('the members of a run that goes on', () => {
  const after = (now: string, ...leases: HeardLease[]) =>
    told(membersWanted({ plan, counts, members: members(now), leases: [net, ...leases] }));

  test('stay while everybody is there', () => {
    expect(after('a=0,1 b=2,3', lease('storage-a'), lease('storage-b'))).toBeUndefined();
    expect(after('a=0,1 b=2,3', lease('storage-b'), lease('storage-a'))).toBeUndefined();
  });

  test('keep the shards of one that is gone without a word', () => {
    expect(after('a=0,1 b=2,3', lease('storage-a'))).toBeUndefined();
    expect(after('a=0,1 b=2,3')).toBeUndefined();
  });

  test('share with one that came later, once it has stayed', () => {
    const [a, b] = [lease('storage-a'), lease('storage-b')];
    expect(after('a=0,1 b=2,3', a, b, lease('storage-c', { ageMs: 100 }))).toBeUndefined();
    expect(after('a=0,1 b=2,3', a, b, lease('storage-c'))).toBe('a=0,1 b=2 c=3');
  });

  test('leave a gone one its shards when they share the rest', () => {
    expect(after('a=0,1 b=2,3', lease('storage-a'), lease('storage-c'))).toBe('a=0 b=2,3 c=1');
  });

  test('take over from one that drains', () => {
    const draining = lease('storage-b', { draining: true });
    expect(after('a=0,1 b=2,3', lease('storage-a'), draining)).toBe('a=0,1,2,3');
    expect(after('a=0,1 b=2,3', lease('storage-a', { draining: true }), lease('storage-c'), draining)).toBe(
      'c=0,1,2,3',
    );
  });

  test('stay when nobody is left to take over', () => {
    const both = [lease('storage-a', { draining: true }), lease('storage-b', { draining: true })];
    expect(after('a=0,1 b=2,3', ...both)).toBeUndefined();
    expect(after('a=0,1,2,3', lease('storage-a', { draining: true }))).toBeUndefined();
  });

  test('are not changed by a second process of a name, nor by who has no shards', () => {
    const tracer = lease('tracer');
    expect(
      after('a=0,1 b=2,3', lease('storage-a', { ageMs: 0 }), lease('storage-b'), tracer),
    ).toBeUndefined();
  });
});

test('whoever is there: each shard has one owner, shares are even, and no shard moves for nothing', () => {
  const state = fc.record({
    owners: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 4, maxLength: 4 }),
    present: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), draining: fc.boolean() }),
      { selector: ({ name }) => name },
    ),
  });
  fc.assert(
    fc.property(state, ({ owners, present }) => {
      const now = [...new Set(owners)].sort().map((name) => ({
        replica: `storage-${name}`,
        loose: false,
        shards: [0, 1, 2, 3].filter((shard) => owners[shard] === name),
      }));
      const before = [...now, ...members('a=0').slice(1)];
      const leases = [net, ...present.map(({ name, draining }) => lease(`storage-${name}`, { draining }))];
      const wanted = membersWanted({ plan, counts, members: before, leases }) ?? before;
      expect(wanted.flatMap(({ shards }) => shards).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
      const taking = present.filter(({ draining }) => !draining).map(({ name }) => `storage-${name}`);
      const shares = taking.map((name) => wanted.find(({ replica }) => replica === name)?.shards.length ?? 0);
      expect(Math.max(0, ...shares) - Math.min(4, ...shares)).toBeLessThanOrEqual(1);
      for (const { replica, shards } of now) {
        const isPresent = present.some(({ name }) => replica === `storage-${name}`);
        const kept = wanted.find((member) => member.replica === replica)?.shards ?? [];
        if (!isPresent || taking.length === 0) expect(kept).toEqual(shards);
        else if (taking.includes(replica) && kept.length >= shards.length)
          expect(shards.every((shard) => kept.includes(shard))).toBe(true);
      }
      expect(membersWanted({ plan, counts, members: wanted, leases })).toBeUndefined();
    }),
  );
});
