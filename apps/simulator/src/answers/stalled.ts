/** Requests that a zone has in hand and that do not end: nothing fails, nothing is slow in any sum, and nobody is served. */
import type { Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { compare } from './slow/baseline.ts';
import { meanNs, servedIn } from './slow/served.ts';
import type { Subject } from './subject.ts';

/** A stretch without any end, and the least age of the oldest request, for it to be one, ns. */
const STALL_NS = 5_000_000_000;
/** Nor is it one before the oldest is so many times as old as a request should get. */
const RATIO = 5;
/** A zone with requests in hand reports every second: an older report is no news, ns. */
const NEWS_NS = 2_500_000_000;

export interface Stalled {
  inFlight: number;
  oldestNs: number;
  fact: Fact;
}

/** Undefined while requests end, or none is in hand. */
export function stalledOf(index: FactIndex, { kind, address }: Subject): Stalled | undefined {
  if (kind !== 'vm') return undefined;
  const facts = index.of(address, 'zoneServed');
  const last = facts.at(-1);
  if (last === undefined || last.time < index.until - NEWS_NS) return undefined;
  const { inFlight, oldestNs } = last.payload;
  if (inFlight === 0 || oldestNs < STALL_NS) return undefined;
  if (servedIn(facts, index.until - STALL_NS, index.until).ended > 0) return undefined;
  const compared = compare(facts, index.until);
  if (compared !== undefined && oldestNs < RATIO * meanNs(compared.baseline)) return undefined;
  return { inFlight, oldestNs, fact: last };
}
