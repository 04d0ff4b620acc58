/**
 * The first fact in which two logs differ, by order of (time, actor, n).
 *
 * Rules.  1. Both logs are read side by side, one instant of simulated time in memory.
 *         2. A fact that only one log has is a difference, also when that log just goes on longer.
 */
import type { FactRecord } from '@orrery/proto';
import type { LogReader } from './log.ts';
import { sameFact } from './records.ts';

export interface Difference {
  /** The fact in the first log; undefined when it has none at this place. */
  readonly a: FactRecord | undefined;
  readonly b: FactRecord | undefined;
  /** How many facts are the same before it. */
  readonly factsBefore: number;
}

/** The first difference, or undefined when both logs hold the same facts. @throws LogError ORRERY_LOG_DAMAGED */
export function diffLogs(a: LogReader, b: LogReader): Difference | undefined {
  const left = instants(a.facts());
  const right = instants(b.facts());
  let factsBefore = 0;
  for (;;) {
    const x = left.next().value ?? [];
    const y = right.next().value ?? [];
    if (x.length === 0 && y.length === 0) return undefined;
    for (let i = 0; i < x.length || i < y.length; i++) {
      if (i >= x.length || i >= y.length || !sameFact(x[i], y[i])) {
        return { ...firstOf(x.at(i), y.at(i)), factsBefore };
      }
      factsBefore += 1;
    }
  }
}

/** Of two facts that differ, both when they are the same fact told otherwise, else the one that comes first. */
function firstOf(a: FactRecord | undefined, b: FactRecord | undefined): Pick<Difference, 'a' | 'b'> {
  if (a === undefined || b === undefined) return { a, b };
  const order = compare(a, b);
  if (order < 0) return { a, b: undefined };
  return order > 0 ? { a: undefined, b } : { a, b };
}

function compare(a: FactRecord, b: FactRecord): number {
  return a.time - b.time || a.actor - b.actor || a.n - b.n;
}

/** Facts of one time together, each group by (actor, n). */
function* instants(facts: Iterable<FactRecord>): Generator<FactRecord[], undefined> {
  let group: FactRecord[] = [];
  for (const fact of facts) {
    if (group.length > 0 && group[0].time !== fact.time) {
      yield group.sort(compare);
      group = [];
    }
    group.push(fact);
  }
  if (group.length > 0) yield group.sort(compare);
  return undefined;
}
