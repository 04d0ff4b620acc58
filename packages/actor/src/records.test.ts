import { expect, test } from 'vitest';
import { Behind, Place, type FactBatch, type RecordBatch } from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';
import type { SpanRecord } from './kind.ts';
import { SpanCollector, spanOf } from './records.ts';

const window: FactBatch = {
  from: 50_000_000,
  upTo: 100_000_000,
  shards: [1],
  facts: [],
  phases: [],
  sources: [],
  sequences: [],
  commands: [],
  events: 3,
};
const place = { time: 70_000_000, phase: 2, source: 1_048_576, sequence: 9, after: 0 };
const spans: SpanRecord[] = [
  { name: 'page', trace: 2 ** 52, key: 2 ** 52 + 1, parent: 0, start: 1, end: 70_000_000 },
  {
    name: 'zio read',
    trace: 7,
    key: 8,
    parent: 7,
    start: 60_000_000,
    end: 71_000_000,
    error: 'EIO',
    attributes: { 'smartos.disk': 'c0t2d0', 'smartos.zio.bytes': 8192, share: 0.25, yes: true, no: false },
    ledger: [{ place: Place.DEVICE, behind: Behind.RESILVER, zone: 0, ns: 11_000_000 }],
  },
];

function collected(keeps: (record: SpanRecord) => boolean): RecordBatch {
  const collector = new SpanCollector();
  for (const record of spans)
    collector.add({ service: 'storage', address: 'cn-0001/pool/zones', record }, place);
  const batch = collector.take(window, keeps);
  expect(collector.take(window, keeps).spans).toEqual([]);
  return batch;
}

test('spans are read from bytes as they were made', () => {
  const codec = codecOf('RecordBatch');
  const bytes = codec.encode(collected(() => true)).finish();
  const read = codec.toObject(codec.decode(bytes), {
    defaults: true,
    arrays: true,
    oneofs: false,
  }) as RecordBatch;
  const back = read.spans.map((entry) => spanOf(entry, window.from, read.texts));
  expect(back).toEqual(
    spans.map((record) => ({ service: 'storage', address: 'cn-0001/pool/zones', record })),
  );
  expect(read.givenUp).toBe(0);
});

test('a text is written once, and what finds no room is counted', () => {
  const { texts, spans: kept, givenUp } = collected(({ error }) => error !== undefined);
  expect([kept.length, givenUp]).toEqual([1, 1]);
  expect(new Set(texts).size).toBe(texts.length);
});
