/**
 * Spans of one control window on their way to the tracer: short numbers, and each text once.
 *
 * Rules. 1. What is read is what was written, and in that order.
 *        2. An entry names the event that made it, so that a reader tells spans and facts in the order of one process.
 */
import type { FactBatch, RecordBatch, SpanAttribute, SpanEntry } from '@orrery/proto';
import type { Origin } from './host.ts';
import type { SpanRecord } from './kind.ts';

/** A span as the tracer observes it. */
export interface ObservedSpan {
  service: string;
  address: string;
  record: SpanRecord;
}

/** Where a span stands: the time and the key of its event, and how many facts were reported before it. */
export interface SpanPlace extends Origin {
  time: number;
  after: number;
}

interface Waiting {
  span: ObservedSpan;
  place: SpanPlace;
}

/** Spans of the control window that is under way. */
export class SpanCollector {
  private waiting: Waiting[] = [];

  add(span: ObservedSpan, place: SpanPlace): void {
    this.waiting.push({ span, place });
  }

  /**
   * Takes them out as one batch.
   * @param keeps whether there is room for a span; those given up are counted
   */
  take(facts: FactBatch, keeps: (record: SpanRecord) => boolean): RecordBatch {
    const texts = new Map([['', 0]]);
    const spans: SpanEntry[] = [];
    for (const { span, place } of this.waiting)
      if (keeps(span.record)) spans.push(entryOf(span, place, facts.from, texts));
    const givenUp = this.waiting.length - spans.length;
    this.waiting = [];
    return { facts: { ...facts, commands: [] }, texts: [...texts.keys()], spans, givenUp };
  }
}

function entryOf(
  { service, address, record }: ObservedSpan,
  { time, phase, source, sequence, after }: SpanPlace,
  from: number,
  texts: Map<string, number>,
): SpanEntry {
  const text = (value: string): number => {
    const known = texts.get(value);
    if (known !== undefined) return known;
    texts.set(value, texts.size);
    return texts.size - 1;
  };
  return {
    at: time - from,
    phase,
    source,
    sequence,
    after,
    service: text(service),
    address: text(address),
    name: text(record.name),
    error: text(record.error ?? ''),
    trace: record.trace,
    key: record.key,
    parent: record.parent,
    start: record.start - time,
    end: record.end - time,
    attributes: Object.entries(record.attributes ?? {}).map(([key, value]): SpanAttribute => {
      const attribute = { key: text(key), text: 0, number: 0, type: 0 };
      if (typeof value === 'string') return { ...attribute, text: text(value) };
      if (typeof value === 'number') return { ...attribute, number: value, type: 1 };
      return { ...attribute, type: value ? 3 : 2 };
    }),
    ledger: record.ledger ?? [],
  };
}

/** The span that an entry was made of. @param from boundary that began its control window, ns */
export function spanOf(entry: SpanEntry, from: number, texts: readonly string[]): ObservedSpan {
  const { trace, key, parent, ledger, attributes } = entry;
  const time = from + entry.at;
  const record: SpanRecord = {
    name: texts[entry.name],
    trace,
    key,
    parent,
    start: time + entry.start,
    end: time + entry.end,
  };
  if (entry.error !== 0) record.error = texts[entry.error];
  if (attributes.length > 0)
    record.attributes = Object.fromEntries(
      attributes.map(({ key: name, type, number, text }) => [
        texts[name],
        type === 0 ? texts[text] : type === 1 ? number : type === 3,
      ]),
    );
  if (ledger.length > 0) record.ledger = ledger;
  return { service: texts[entry.service], address: texts[entry.address], record };
}
