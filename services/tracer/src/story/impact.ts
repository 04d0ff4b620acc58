/**
 * Impact says how each zone on a fault's hosts served while the fault was active, beside how it served before; it does
 * not say why (`slow` does).
 *
 * Why.       Phases say what the parts did; the operator is asked what the users saw.
 * Rules.     1. What a zone served in the last one to two windows before the injection is its baseline.
 *            2. From the injection until the story is over, what the zone serves is summed.
 *            3. Both are sums of the zones' own reports: requests, errors, latency and ledger, exact as integers.
 * State.     Two windows of sums a zone, and one more sum for each story that the zone is in.
 */
import { addToLedger, type Facts, type LedgerEntry } from '@orrery/proto';

/** Length of a baseline's window, ns. Too short: chance; too long: an earlier trouble is in it. */
const WINDOW_NS = 60_000_000_000;

export interface Served {
  requests: number;
  errors: number;
  latencyNs: number;
  ledger: LedgerEntry[];
}

interface ZoneHistory {
  window: number;
  current: Served;
  before: Served;
}

/** What zones served lately, by address. */
export type Baselines = Map<string, ZoneHistory>;

/** One zone in one story. */
export interface Impact {
  /** undefined: it served nothing just before. */
  before: Served | undefined;
  during: Served;
}

export function nothingServed(): Served {
  return { requests: 0, errors: 0, latencyNs: 0, ledger: [] };
}

export function addServed(
  into: Served,
  { requests, errors, refused, latencyNs, ledger }: Facts['zoneServed'],
): void {
  into.requests += requests;
  into.errors += errors + refused;
  into.latencyNs += latencyNs;
  for (const { place, behind, ns } of ledger) addToLedger(into.ledger, place, ns, behind);
}

export function noteServed(baselines: Baselines, address: string, served: Facts['zoneServed']): void {
  const window = Math.floor(served.from / WINDOW_NS);
  let history = baselines.get(address);
  if (history === undefined) {
    history = { window, current: nothingServed(), before: nothingServed() };
    baselines.set(address, history);
  } else if (history.window !== window) {
    history.before = history.window + 1 === window ? history.current : nothingServed();
    history.current = nothingServed();
    history.window = window;
  }
  addServed(history.current, served);
}

/** What a zone served in the present window and the one before. @param time ns */
export function baselineOf(baselines: Baselines, address: string, time: number): Served | undefined {
  const history = baselines.get(address);
  const age = history === undefined ? 2 : Math.floor(time / WINDOW_NS) - history.window;
  if (history === undefined || age > 1) return undefined;
  const sum = nothingServed();
  for (const part of age === 0 ? [history.before, history.current] : [history.current]) {
    sum.requests += part.requests;
    sum.errors += part.errors;
    sum.latencyNs += part.latencyNs;
    for (const { place, behind, ns } of part.ledger) addToLedger(sum.ledger, place, ns, behind);
  }
  return sum.requests === 0 ? undefined : sum;
}

/** Mean ns of a request; 0 without any. */
export function meanNs({ requests, latencyNs }: Served): number {
  return requests === 0 ? 0 : latencyNs / requests;
}
