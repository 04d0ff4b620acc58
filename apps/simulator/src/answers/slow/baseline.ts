/**
 * A baseline is how a subject serves when nothing is in its way; it is not the past's mean, which holds the trouble.
 *
 * Rules. 1. The past is cut into windows of ten seconds; now is the last thirty seconds, and no window reaches into it.
 *        2. A window counts when it has enough requests: at least five, and a quarter of the median window's.
 *        3. The baseline is the sum of the windows that count with the least mean latency: the best quarter of them, at
 *           least one.
 * Omits. A workload whose nature changes has no one baseline: the best quarter is then of its lightest hours, and what
 *        is heavier shows as load.
 */
import {
  addServed,
  emptyServed,
  meanNs,
  servedIn,
  windowsOf,
  type Served,
  type ServedFact,
} from './served.ts';

export const WINDOW_NS = 10_000_000_000;
/** Stretch before the moment that is called now, ns. Shorter is noisier, longer is later to notice. */
export const NOW_NS = 30_000_000_000;
const REQUESTS_MIN = 5;

export interface Stretch {
  from: number;
  to: number;
}

export interface Compared {
  now: Served;
  baseline: Served;
  /** The windows that the baseline is the sum of, in order. */
  stretches: Stretch[];
}

/** Now and baseline of the reports before `until`; undefined without any window that counts. */
export function compare(facts: readonly ServedFact[], until: number): Compared | undefined {
  const now = servedIn(facts, until - NOW_NS, until);
  const best = bestOf(windowsOf(facts, WINDOW_NS, until - NOW_NS));
  return best.length === 0 ? undefined : { now, baseline: sumOf(best), stretches: best };
}

/** The windows of a baseline, by time. */
export function bestOf(windows: readonly Served[]): Served[] {
  const counts = windows.map(({ ended }) => ended).sort((a, b) => a - b);
  const median = counts[counts.length >> 1] ?? 0;
  const enough = windows.filter(({ ended }) => ended >= Math.max(REQUESTS_MIN, median / 4));
  const ranked = [...enough].sort((a, b) => meanNs(a) - meanNs(b) || a.from - b.from);
  return ranked.slice(0, Math.ceil(enough.length / 4)).sort((a, b) => a.from - b.from);
}

/** What another subject served in the same windows. */
export function servedInAll(facts: readonly ServedFact[], stretches: readonly Stretch[]): Served {
  return sumOf(stretches.map(({ from, to }) => servedIn(facts, from, to)));
}

/** One stretch as long as all of them together. */
function sumOf(windows: readonly Served[]): Served {
  const sum = emptyServed(
    0,
    windows.reduce((length, { from, to }) => length + to - from, 0),
  );
  for (const window of windows) addServed(sum, window);
  return sum;
}
