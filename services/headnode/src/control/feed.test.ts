import { describe, expect, test } from 'vitest';
import { factNumbers, type Batch, type Cursor, type FactRecord, type FollowedFact } from '@orrery/proto';
import { decodeAs, encodeFact } from '@orrery/proto/codec';
import { FactFeed, type Follower } from './feed.ts';

const WINDOW = 50;
const kind = factNumbers.partRepaired;
const payload = encodeFact(kind, { kind: 'disk.replace', target: 'cn-0001', askedBy: '' });
const fact = (n: number, time: number): FactRecord => ({ actor: n % 3, n, time, kind, payload });

/** Three facts a window, a batch a window, the last window's batch in two. */
function batches(windows: number): Batch[] {
  const list: Batch[] = [];
  let n = 0;
  for (let w = 0; w < windows; w++) {
    const facts = [0, 10, 49].map((offset) => fact(++n, w * WINDOW + offset));
    list.push({
      sequence: list.length + 1,
      fromTime: w * WINDOW,
      toTime: (w + 1) * WINDOW,
      facts,
      commands: [],
    });
  }
  return list;
}

function feedOf(log: Batch[], pageFacts = 6, pagesKept = 2): FactFeed {
  const history = { batches: (after: number) => log.slice(after) };
  return new FactFeed({
    history,
    controlWindowNs: WINDOW,
    addressOf: (id) => `a${id}`,
    pageFacts,
    pagesKept,
  });
}

function readAll(feed: FactFeed, follower: Follower, bytesMax = 1e9): FollowedFact[] {
  const all: FollowedFact[] = [];
  for (;;) {
    const { pieces, more } = feed.read(follower, () => true, bytesMax);
    for (const piece of pieces)
      all.push(...(decodeAs('FollowedBatch', piece) as { facts: FollowedFact[] }).facts);
    if (!more) return all;
  }
}

describe('a follower', () => {
  const log = batches(40);
  const feed = feedOf(log);
  for (const batch of log) feed.append(batch);

  test('reads every fact once, in order, from pages long out of memory', () => {
    const all = readAll(feed, feed.follow({ boundary: 0, order: 0 }), 1);
    expect(all.map(({ n }) => n)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    expect(all[4]).toMatchObject({ actor: 'a2', time: 60, cursor: { boundary: 50, order: 2 } });
    expect(feed.readBack).toBeGreaterThan(10);
  });

  test('goes on after any cursor with the next fact', () => {
    const all = readAll(feed, feed.follow({ boundary: 0, order: 0 }));
    for (const { n, cursor } of all) {
      const rest = readAll(feed, feed.follow(cursor as Cursor));
      expect(rest.length).toBe(120 - n);
      expect(rest[0]?.n).toBe(n === 120 ? undefined : n + 1);
    }
  });

  test('begins at a boundary with the first fact of that window', () => {
    expect(readAll(feed, feed.follow({ boundary: 17 * WINDOW, order: 0 }))[0]?.n).toBe(17 * 3 + 1);
  });

  test('is woken when there is more, and sees it', () => {
    const growing = batches(3);
    const live = feedOf(growing);
    const follower = live.follow({ boundary: 0, order: 0 });
    let woken = 0;
    const seen: number[] = [];
    for (const batch of growing) {
      live.whenMore(() => woken++);
      live.append(batch);
      seen.push(...readAll(live, follower).map(({ n }) => n));
    }
    expect(woken).toBe(3);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    live.append(growing[0] as Batch);
    expect(readAll(live, follower)).toEqual([]);
    expect(() => live.append({ ...(growing[0] as Batch), sequence: 9 })).toThrow('follows batch 3');
  });

  test('gives the event loop its turn however little it wants', () => {
    const big = batches(3000);
    const wide = feedOf(big, 2048, 24);
    for (const batch of big) wide.append(batch);
    const follower = wide.follow({ boundary: 0, order: 0 });
    expect(wide.read(follower, () => false, 100)).toEqual({ pieces: [], more: true });
    expect(wide.read(follower, () => false, 100).more).toBe(true);
    expect(wide.read(follower, () => false, 100).more).toBe(false);
  });
});
