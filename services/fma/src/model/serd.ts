/**
 * A SERD engine decides when alike errors come too often; it does not say what is broken.
 *
 * Why.       One soft error is weather, the eleventh in ten minutes is a part on its way out.
 * Intuition. A window that always holds the newest N + 1 errors: when all of them fit into T, it fires.
 * Rules.     1. It fires when more than N errors are held and the oldest and newest of the newest N + 1 are at
 *               most T apart: N = 10 and T = 10 minutes fires on the 11th within ten minutes.
 *            2. Once fired it ignores errors until it is reset.
 *            3. Errors may arrive a little out of order (parts report in batches); they are kept by their own time.
 * Law.       fired when times.length = N + 1 and times[N] - times[0] <= T.
 * State.     The newest N + 1 times at most; made at the first error, kept over a reboot (a checkpoint of fmd).
 * Differs.   From fmd_serd.c only in rule 3: fmd puts every error at the head of its list.
 */
export interface Serd {
  n: number;
  /** Window, ns. */
  tNs: number;
  /** Times of the newest N + 1 errors, ns, ascending. */
  times: number[];
  fired: boolean;
}

export interface SerdRule {
  readonly n: number;
  /** Window, ns. */
  readonly tNs: number;
}

export function makeSerd(rule: SerdRule): Serd {
  return { n: rule.n, tNs: rule.tNs, times: [], fired: false };
}

/**
 * Records `count` errors, all at time `at` (ns).
 * @returns whether the engine fired just now
 */
export function recordErrors(serd: Serd, at: number, count: number): boolean {
  if (serd.fired) return false;
  const { times } = serd;
  for (let left = Math.min(count, serd.n + 1); left > 0; left--) {
    let place = times.length;
    while (place > 0 && times[place - 1] > at) place--;
    times.splice(place, 0, at);
    if (times.length > serd.n + 1) times.shift();
    if (times.length > serd.n && times[serd.n] - times[0] <= serd.tNs) {
      serd.fired = true;
      return true;
    }
  }
  return false;
}

/** Empties the engine and arms it again. */
export function resetSerd(serd: Serd): void {
  serd.times = [];
  serd.fired = false;
}
