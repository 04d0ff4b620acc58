/**
 * A baseline is how a subject serves when nothing is in its way; it is not the past's mean, which holds the trouble.
 *
 * Rules. 1. The past is cut into windows of ten seconds, or of as many times ten as it takes for a window to hold some
 *           hundred requests; now is the last thirty seconds, and no window reaches into it.
 *        2. A window counts when it has enough requests: at least five, and a quarter of the median window's.
 *        3. The baseline is the sum of the windows that count with the least mean latency: the best quarter of them, at
 *           least one, at most two minutes. More, and a long trouble would become its own baseline; windows of a few
 *           requests, and the baseline would be mere luck.
 *        4. Once something that the subject depends on was not well, only what lies before that counts, when it is enough:
 *           a long trouble has best windows, too. When it is not, the baseline ends where the ranked means jump.
 * Omits. A workload whose nature changes has no one baseline: the best windows are then of its lightest hours, and what
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

const WINDOW_NS = 10_000_000_000;
/** Stretch before the moment that is called now, ns. Shorter is noisier, longer is later to notice. */
const NOW_NS = 30_000_000_000;
/** A report covers a second, and is made at its end. */
const REPORT_NS = 1_000_000_000;
const REQUESTS_MIN = 5;
/** Requests that a window should hold; a subject of few gets longer windows, up to a minute. */
const REQUESTS_WANTED = 300;
const STRETCH_MAX = 6;
/** Windows of ten seconds in a baseline, at most. */
const WINDOWS_MAX = 12;
/** From one window of the ranked to the next, a mean that is so many times as large belongs to another state of things. */
const JUMP = 1.5;

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

/** The stretch called now, before `until`: it ends with the last second whose report can be known. */
export function nowBefore(until: number): Stretch {
  const to = (Math.ceil(until / REPORT_NS) - 1) * REPORT_NS;
  return { from: to - NOW_NS, to };
}

/**
 * Now and baseline of the reports before `until`; undefined without any window that counts.
 * @param wellUntil since when something that it depends on was not well, ns
 */
export function compare(
  facts: readonly ServedFact[],
  until: number,
  wellUntil = Infinity,
): Compared | undefined {
  const { from, to } = nowBefore(until);
  const now = servedIn(facts, from, to);
  const enough = wellUntil < from && wellUntil - (facts[0]?.payload.from ?? 0) >= NOW_NS;
  const well = enough ? bestWindows(facts, wellUntil) : [];
  const best = well.length > 0 ? well : bestWindows(facts, from);
  return best.length === 0 ? undefined : { now, baseline: sumOf(best), stretches: best };
}

function bestWindows(facts: readonly ServedFact[], until: number): Served[] {
  const windows = windowsOf(facts, WINDOW_NS, until);
  const typical = medianCount(windows);
  if (typical === 0) return bestOf(windows, WINDOWS_MAX);
  const times = Math.min(STRETCH_MAX, Math.ceil(REQUESTS_WANTED / typical));
  const longer = times === 1 ? windows : windowsOf(facts, times * WINDOW_NS, until);
  return longer.length === 0 ? bestOf(windows, WINDOWS_MAX) : bestOf(longer, Math.ceil(WINDOWS_MAX / times));
}

function medianCount(windows: readonly Served[]): number {
  const counts = windows.map(({ ended }) => ended).sort((a, b) => a - b);
  return counts[counts.length >> 1] ?? 0;
}

/** The windows of a baseline, by time. @param most how many at most */
function bestOf(windows: readonly Served[], most: number): Served[] {
  const median = medianCount(windows);
  const enough = windows.filter(({ ended }) => ended >= Math.max(REQUESTS_MIN, median / 4));
  const ranked = [...enough].sort((a, b) => meanNs(a) - meanNs(b) || a.from - b.from);
  const best = ranked.slice(0, Math.min(most, Math.ceil(enough.length / 4)));
  const jump = best.findIndex(
    (window, at) => at > 0 && meanNs(window) > JUMP * meanNs(best[at - 1] ?? window),
  );
  return best.slice(0, jump < 0 ? best.length : jump).sort((a, b) => a.from - b.from);
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
