/**
 * Facts of a run in parts, in the one total order: each control window is given out once all shards have said theirs.
 *
 * Why.       Replicas say their facts apart, late, twice after a crash, and in no order; a log has one order.
 * Rules.     1. A window is complete when every shard of the run is in one of its batches; windows follow each other without a gap.
 *            2. A batch whose shards are known already is the same again, and dropped.
 *            3. Facts of one event stay together, as they were said; events come by time, phase, source, sequence.
 * State.     The batches of windows that are not complete yet: as much as replicas are apart, never the run.
 */
import type { FactBatch, FactRecord, StampedCommand } from '@orrery/proto';

/** A whole control window. */
export interface MergedWindow {
  /** Boundary that began it, ns. */
  readonly from: number;
  /** Everything before it is told, ns. */
  readonly upTo: number;
  /** They took effect at `from`, before every fact but those of the run's start. */
  readonly commands: readonly StampedCommand[];
  readonly facts: readonly FactRecord[];
  /** Delivered by all replicas. */
  readonly events: number;
}

/** Batches of what replicas say at the end of each control window, until every shard is in one of them. */
export interface WindowMerge<Batch> {
  readonly shards: number;
  /** Boundary of the window that is given out next, ns; before the first, a time within it. */
  next: number;
  readonly open: Map<number, { known: Set<number>; batches: Batch[]; upTo: number }>;
}

/** As `next`: some of what was said is lost, and the first window that is whole is given out next. */
export const ANYWHERE = -1;

export type FactMerge = WindowMerge<FactBatch>;

/** @param shards how many the run has; @param next a time, ns: the window that holds it is given out first */
export function newWindowMerge<Batch>(shards: number, next = 0): WindowMerge<Batch> {
  return { shards, next, open: new Map() };
}

export function newFactMerge(shards: number, next = 0): FactMerge {
  return newWindowMerge(shards, next);
}

/** Takes a batch in. @returns the windows that are complete now, in order */
export function mergeFacts(merge: FactMerge, batch: FactBatch): MergedWindow[] {
  return takeIn(merge, batch, batch).map(inOrder);
}

/** Takes a batch in. @param of the window that it is of @returns all batches of each window that is complete now, in order */
export function takeIn<Batch>(
  merge: WindowMerge<Batch>,
  batch: Batch,
  { from, upTo, shards }: Pick<FactBatch, 'from' | 'upTo' | 'shards'>,
): Batch[][] {
  const { open } = merge;
  if (upTo <= merge.next) return [];
  if (from < merge.next) merge.next = from;
  let window = open.get(from);
  if (window === undefined) open.set(from, (window = { known: new Set(), batches: [], upTo }));
  const { known, batches } = window;
  if (shards.every((shard) => known.has(shard))) return [];
  for (const shard of shards) known.add(shard);
  batches.push(batch);
  if (merge.next === ANYWHERE && known.size === merge.shards) seek(merge, from);
  const whole: Batch[][] = [];
  for (;;) {
    const first = open.get(merge.next);
    if (first === undefined || first.known.size < merge.shards) return whole;
    open.delete(merge.next);
    whole.push(first.batches);
    merge.next = first.upTo;
  }
}

/** Goes on at a window; those before it will never be whole. */
function seek(merge: WindowMerge<unknown>, from: number): void {
  merge.next = from;
  for (const before of merge.open.keys()) if (before < from) merge.open.delete(before);
}

interface Keyed {
  record: FactRecord;
  phase: number;
  source: number;
  sequence: number;
}

function inOrder(batches: readonly FactBatch[]): MergedWindow {
  const [{ from, upTo }] = batches;
  const keyed: Keyed[] = [];
  for (const { facts, phases, sources, sequences } of batches)
    for (const [at, record] of facts.entries())
      keyed.push({ record, phase: phases[at], source: sources[at], sequence: sequences[at] });
  keyed.sort(
    (a, b) =>
      a.record.time - b.record.time || a.phase - b.phase || a.source - b.source || a.sequence - b.sequence,
  );
  const commands = batches.flatMap((batch) => batch.commands);
  const events = batches.reduce((sum, batch) => sum + batch.events, 0);
  return { from, upTo, commands, facts: keyed.map(({ record }) => record), events };
}
