/**
 * What the tracer hears of a run in parts, as it hears it of one in one process: facts and spans in the order in which the
 * events of one process would have made them.
 *
 * Rules. 1. Events come by time, phase, source, sequence; what one event made stays together, as it was made.
 *        2. All that a tracer decides (what lies within a trace, which are the slowest of a window) follows from that order.
 */
import type { FactBatch, FactRecord, RecordBatch, SpanEntry } from '@orrery/proto';
import { newWindowMerge, takeIn, type WindowMerge } from './merge.ts';

/** A fact, or a span with the texts that its entry names and the boundary (ns) that it counts from. */
export type TracedItem =
  | { readonly fact: FactRecord }
  | { readonly span: SpanEntry; readonly texts: readonly string[]; readonly from: number };

/** A whole control window. */
export interface TracedWindow {
  readonly from: number;
  /** Everything before it is told, ns. */
  readonly upTo: number;
  readonly items: readonly TracedItem[];
  /** Spans that were made and did not come. */
  readonly givenUp: number;
}

export type RecordMerge = WindowMerge<RecordBatch>;

/** @param shards how many the run has; @param next a time, ns: the window that holds it is given out first */
export function newRecordMerge(shards: number, next = 0): RecordMerge {
  return newWindowMerge(shards, next);
}

/** Takes a batch in. @returns the windows that are complete now, in order */
export function mergeRecords(merge: RecordMerge, batch: RecordBatch): TracedWindow[] {
  const { facts } = batch;
  return facts === undefined ? [] : takeIn(merge, batch, facts).map(inOrder);
}

interface Keyed {
  item: TracedItem;
  time: number;
  phase: number;
  source: number;
  sequence: number;
  /** Place in its batch: facts at odd numbers, what was made before a fact at the even one below it. */
  place: number;
}

function inOrder(batches: readonly RecordBatch[]): TracedWindow {
  const [first] = batches;
  const { from, upTo } = first.facts as FactBatch;
  const keyed = batches.flatMap(keyedOf);
  keyed.sort(
    (a, b) =>
      a.time - b.time ||
      a.phase - b.phase ||
      a.source - b.source ||
      a.sequence - b.sequence ||
      a.place - b.place,
  );
  const givenUp = batches.reduce((sum, batch) => sum + batch.givenUp, 0);
  return { from, upTo, items: keyed.map(({ item }) => item), givenUp };
}

function keyedOf({ facts: batch, texts, spans }: RecordBatch): Keyed[] {
  const { from, facts, phases, sources, sequences } = batch as FactBatch;
  const keyed = facts.map((fact, at): Keyed => {
    const key = { time: fact.time, phase: phases[at], source: sources[at], sequence: sequences[at] };
    return { item: { fact }, ...key, place: 2 * at + 1 };
  });
  for (const span of spans) {
    const { phase, source, sequence } = span;
    const key = { time: from + span.at, phase, source, sequence };
    keyed.push({ item: { span, texts, from }, ...key, place: 2 * span.after });
  }
  return keyed;
}
