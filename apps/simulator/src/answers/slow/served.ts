/** What a subject served in a stretch of time, added up from its reports of a second each. */
import { mergeLedger, type FailureCount, type Facts, type LedgerEntry } from '@orrery/proto';
import { isKind, type Fact } from '../fact.ts';

export interface Served {
  /** The stretch, ns. */
  from: number;
  to: number;
  /** Requests that ended, well or with an error: latency and ledger are summed over these. */
  ended: number;
  errors: number;
  refused: number;
  timeouts: number;
  latencyNs: number;
  ledger: LedgerEntry[];
  arcHits: number;
  arcMisses: number;
  cpuNs: number;
  readBytes: number;
  writtenBytes: number;
  /** The last report's. */
  arcBytes: number;
  workingSetBytes: number;
  /** Of errors and refused, by reason. */
  failures: FailureCount[];
  /** The last report in it: what a step about it stands on. */
  fact: Fact | undefined;
}

export type ServedFact = Fact<'zoneServed'> | Fact<'clientServed'>;

export function emptyServed(from: number, to: number): Served {
  return {
    from,
    to,
    ended: 0,
    errors: 0,
    refused: 0,
    timeouts: 0,
    latencyNs: 0,
    ledger: [],
    arcHits: 0,
    arcMisses: 0,
    cpuNs: 0,
    readBytes: 0,
    writtenBytes: 0,
    arcBytes: 0,
    workingSetBytes: 0,
    failures: [],
    fact: undefined,
  };
}

function addReport(into: Served, fact: ServedFact): void {
  const { requests, errors, refused, timeouts, latencyNs, ledger } = fact.payload;
  into.ended += requests + errors;
  into.errors += errors;
  into.refused += refused;
  into.timeouts += timeouts;
  into.latencyNs += latencyNs;
  mergeLedger(into.ledger, ledger);
  into.fact = fact;
  if (isKind(fact, 'zoneServed')) addZoneReport(into, fact.payload);
}

function addZoneReport(into: Served, report: Facts['zoneServed']): void {
  into.arcHits += report.arcHits;
  into.arcMisses += report.arcMisses;
  into.cpuNs += report.cpuNs;
  into.readBytes += report.readBytes;
  into.writtenBytes += report.writtenBytes;
  into.arcBytes = report.arcBytes;
  into.workingSetBytes = report.workingSetBytes;
  mergeFailures(into.failures, report.failures);
}

function mergeFailures(into: FailureCount[], from: readonly FailureCount[]): void {
  for (const { reason, count } of from) {
    const known = into.find((one) => one.reason === reason);
    if (known === undefined) into.push({ reason, count });
    else known.count += count;
  }
}

/** Adds a stretch to another; figures that are a state, not a sum, are the later stretch's. */
export function addServed(into: Served, from: Served): void {
  into.ended += from.ended;
  into.errors += from.errors;
  into.refused += from.refused;
  into.timeouts += from.timeouts;
  into.latencyNs += from.latencyNs;
  mergeLedger(into.ledger, from.ledger);
  into.arcHits += from.arcHits;
  into.arcMisses += from.arcMisses;
  into.cpuNs += from.cpuNs;
  into.readBytes += from.readBytes;
  into.writtenBytes += from.writtenBytes;
  mergeFailures(into.failures, from.failures);
  if (from.fact !== undefined && (into.fact === undefined || from.fact.time > into.fact.time)) {
    into.arcBytes = from.arcBytes;
    into.workingSetBytes = from.workingSetBytes;
    into.fact = from.fact;
  }
}

/** What was served from `from` up to `to`, ns. */
export function servedIn(facts: readonly ServedFact[], from: number, to: number): Served {
  const served = emptyServed(from, to);
  for (const fact of facts) {
    if (fact.time < from || fact.payload.from < from) continue;
    if (fact.payload.from >= to) break;
    addReport(served, fact);
  }
  return served;
}

/** Whole windows of `lengthNs` up to `to`; windows without any report are left out. */
export function windowsOf(facts: readonly ServedFact[], lengthNs: number, to: number): Served[] {
  const windows = new Map<number, Served>();
  for (const fact of facts) {
    const at = Math.floor(fact.payload.from / lengthNs);
    if ((at + 1) * lengthNs > to) break;
    let window = windows.get(at);
    if (window === undefined) windows.set(at, (window = emptyServed(at * lengthNs, (at + 1) * lengthNs)));
    addReport(window, fact);
  }
  return [...windows.values()];
}

/** Mean latency of a request, ns; 0 when none ended. */
export function meanNs(served: Served): number {
  return served.ended === 0 ? 0 : served.latencyNs / served.ended;
}

/** Requests that came to an end in a second, refused ones included. */
export function ratePerSecond(served: Served): number {
  return ((served.ended + served.refused) * 1e9) / Math.max(1, served.to - served.from);
}

/** A sum of the stretch for each request that ended. */
export function perRequest(sum: number, served: Served): number {
  return served.ended === 0 ? 0 : sum / served.ended;
}
