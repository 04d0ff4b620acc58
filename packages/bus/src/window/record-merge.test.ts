import { expect, test } from 'vitest';
import type { FactBatch, FactRecord, RecordBatch, SpanEntry } from '@orrery/proto';
import { ANYWHERE } from './merge.ts';
import { mergeRecords, newRecordMerge, type TracedItem } from './record-merge.ts';

const fact = (actor: number, n: number, time: number): FactRecord => ({
  actor,
  n,
  time,
  kind: 1,
  payload: new Uint8Array(),
});

const span = (key: number, at: number, source: number, sequence: number, after: number): SpanEntry => ({
  at,
  phase: 2,
  source,
  sequence,
  after,
  service: 1,
  address: 1,
  name: 1,
  error: 0,
  trace: 1,
  key,
  parent: 0,
  start: 0,
  end: 0,
  attributes: [],
  ledger: [],
});

/** A window [from, from + 50) of one shard; each fact's event is told as `source.sequence`. */
function batch(
  from: number,
  shard: number,
  facts: readonly [FactRecord, source: number, sequence: number][],
  spans: SpanEntry[] = [],
): RecordBatch {
  const window: FactBatch = {
    from,
    upTo: from + 50,
    shards: [shard],
    facts: facts.map(([record]) => record),
    phases: facts.map(() => 2),
    sources: facts.map(([, source]) => source),
    sequences: facts.map(([, , sequence]) => sequence),
    commands: [],
    events: 0,
  };
  return { facts: window, texts: ['', 'x'], spans, givenUp: 0 };
}

const told = (items: readonly TracedItem[]): string[] =>
  items.map((item) => ('fact' in item ? `fact ${item.fact.actor}.${item.fact.n}` : `span ${item.span.key}`));

test('facts and spans come in the order of their events, and within one as they were made', () => {
  const merge = newRecordMerge(2);
  const a = batch(
    0,
    0,
    [
      [fact(1, 1, 10), 7, 1],
      [fact(1, 2, 10), 7, 1],
      [fact(1, 3, 30), 7, 2],
    ],
    [span(101, 10, 7, 1, 0), span(102, 10, 7, 1, 1), span(103, 20, 7, 9, 2), span(104, 30, 7, 2, 3)],
  );
  const b = batch(0, 1, [[fact(2, 1, 10), 3, 4]], [span(201, 10, 3, 4, 1), span(202, 25, 3, 5, 1)]);
  expect(mergeRecords(merge, a)).toEqual([]);
  const [window] = mergeRecords(merge, b);
  expect(told(window.items)).toEqual([
    'fact 2.1',
    'span 201',
    'span 101',
    'fact 1.1',
    'span 102',
    'fact 1.2',
    'span 103',
    'span 202',
    'fact 1.3',
    'span 104',
  ]);
});

test('what comes twice is told once, and windows wait for one another', () => {
  const merge = newRecordMerge(1);
  expect(mergeRecords(merge, batch(50, 0, []))).toEqual([]);
  expect(mergeRecords(merge, batch(0, 0, [])).map(({ from }) => from)).toEqual([0, 50]);
  expect(mergeRecords(merge, batch(0, 0, []))).toEqual([]);
  expect(mergeRecords(merge, batch(50, 0, []))).toEqual([]);
  expect(merge.open.size).toBe(0);
});

test('after a gap it goes on with the first window that is whole', () => {
  const merge = newRecordMerge(2);
  mergeRecords(merge, batch(0, 0, []));
  merge.next = ANYWHERE;
  expect(mergeRecords(merge, batch(500, 1, []))).toEqual([]);
  expect(mergeRecords(merge, batch(550, 0, []))).toEqual([]);
  expect(mergeRecords(merge, batch(550, 1, [])).map(({ from }) => from)).toEqual([550]);
  expect(merge.open.size).toBe(0);
  mergeRecords(merge, batch(600, 1, []));
  expect(mergeRecords(merge, batch(600, 0, [])).map(({ from }) => from)).toEqual([600]);
});
