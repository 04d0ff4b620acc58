import { expect, test } from 'vitest';
import { LogSnapshots } from './log-snapshots.ts';

const SECOND = 1_000_000_000;

test('a minute after the last one it is due', () => {
  const snapshots = new LogSnapshots(70 * SECOND);
  expect([90, 119.95, 120, 121].map((at) => snapshots.isDue(at * SECOND))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  snapshots.closed(120 * SECOND, 5);
  expect([121, 180].map((at) => snapshots.isDue(at * SECOND))).toEqual([false, true]);
});

test('shards are wanted once its message is stored and the log has come there', () => {
  const snapshots = new LogSnapshots(0);
  snapshots.closed(60 * SECOND, undefined);
  snapshots.stored(7, 60 * SECOND);
  expect(snapshots.next).toBeUndefined();
  snapshots.reached(59 * SECOND, 30);
  snapshots.reached(60 * SECOND, 31);
  expect(snapshots.next).toEqual({ number: 7, boundary: 60 * SECOND, facts: 31 });
  snapshots.kept(60 * SECOND);
  expect(snapshots.next).toBeUndefined();
});

test('one whose shards are gone gives way to the next', () => {
  const snapshots = new LogSnapshots(0);
  snapshots.closed(60 * SECOND, 31);
  snapshots.stored(7, 60 * SECOND);
  snapshots.stored(9, 70 * SECOND);
  expect(snapshots.next).toBeUndefined();
  snapshots.closed(120 * SECOND, 64);
  snapshots.stored(20, 120 * SECOND);
  expect(snapshots.next).toEqual({ number: 20, boundary: 120 * SECOND, facts: 64 });
});
