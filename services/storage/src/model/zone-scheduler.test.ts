import { expect, it } from 'vitest';
import { pickZone } from './zone-scheduler.ts';

const queue = (text: string) => [...text].map((zone) => ({ zone: zone === 'a' ? 1 : 2 }));

it('is first in, first out below ten', () => {
  expect(pickZone(queue('aaaaaaaab'), new Map(), new Map())).toBe(0);
});

it('bumps the zone with little queued: 10*10/1 = 100 against 10*10/9 = 11', () => {
  expect(pickZone(queue('aaaaaaaaab'), new Map(), new Map())).toBe(9);
});

it('starves nobody: against 10*21/20 = 10 the weight of the crowd grows while the other was just served', () => {
  const weights = new Map<number, number>();
  const served: number[] = [];
  for (let pass = 0; pass < 42; pass++) {
    const waiting = queue('aaaaaaaaaaaaaaaaaaaab');
    served.push(waiting[pickZone(waiting, weights, new Map())].zone);
  }
  // b: 210 x weight, a: 10 x weight; after b was served its weight is 1 again, so a needs 22 > WEIGHT_MAX: b goes first.
  expect(served.filter((zone) => zone === 1)).toHaveLength(0);
  const even = new Map<number, number>();
  const turns: number[] = [];
  for (let pass = 0; pass < 12; pass++) {
    const waiting = queue('aaaaaaaabbbb');
    turns.push(waiting[pickZone(waiting, even, new Map())].zone);
  }
  // a: 15, b: 30 a weight: b, then a tie 2x15 = 30 goes to the older, a; and so on.
  expect(turns.slice(0, 4)).toEqual([2, 1, 2, 1]);
});

it('weighs by zfs_io_priority', () => {
  const priorities = new Map([
    [1, 100],
    [2, 1],
  ]);
  expect(pickZone(queue('aaaaaaaaab'), new Map(), priorities)).toBe(0);
});
