import { expect, test } from 'vitest';
import { LeaseTable } from './lease-table.ts';

function lease(replica: string, draining = false) {
  return { replica, service: 'fma', process: `${replica}#1`, draining, members: [] };
}

test('a lease is there while it is said, and forgotten after five seconds of silence', () => {
  const table = new LeaseTable();
  table.hear(lease('fma-b'), 0);
  table.hear(lease('fma-a'), 1000);
  table.hear(lease('fma-b', true), 4000);
  const told = (nowMs: number) =>
    table.live(nowMs).map(({ replica, ageMs, draining }) => ({ replica, ageMs, draining }));
  expect(told(5000)).toEqual([
    { replica: 'fma-a', ageMs: 4000, draining: false },
    { replica: 'fma-b', ageMs: 5000, draining: true },
  ]);
  expect(told(6000).map(({ replica }) => replica)).toEqual(['fma-b']);
  expect(told(9000)).toEqual([]);
  table.hear(lease('fma-b'), 12_000);
  expect(told(12_500)).toEqual([{ replica: 'fma-b', ageMs: 500, draining: false }]);
});

test('one that was silent for too long begins again, asked for meanwhile or not', () => {
  const table = new LeaseTable();
  table.hear(lease('fma-a'), 0);
  table.hear(lease('fma-a'), 7000);
  expect(table.live(7000)[0].ageMs).toBe(0);
});
