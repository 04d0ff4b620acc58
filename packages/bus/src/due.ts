/**
 * When a message is due, by where its sender and receiver live; the rule is the same embedded and distributed.
 *
 * Rules. 1. Inside a locality a message may be immediate.
 *        2. Between localities it takes at least `lookaheadNs`.
 *        3. To or from a loose service it is due at the first control boundary strictly after it was sent, or
 *           at the first one at or after the time asked for, whichever is later.
 *        4. A due time is never rounded to a window.
 */
export interface Place {
  /** Name of the locality, unique in the run. */
  locality: string;
  /** Loose services are met at control boundaries only. */
  loose: boolean;
}

export interface BusRules {
  lookaheadNs: number;
  controlWindowNs: number;
}

/** First control boundary strictly after `time`, in ns. */
export function boundaryAfter(time: number, controlWindowNs: number): number {
  return (Math.floor(time / controlWindowNs) + 1) * controlWindowNs;
}

/**
 * Due time in ns of a message sent now.
 * @param asked time asked for in ns; undefined: as soon as the rules allow
 * @throws RangeError when the time asked for breaks the rules, which only a bug can do
 */
export function dueTime(rules: BusRules, from: Place, to: Place, now: number, asked?: number): number {
  if (from.locality === to.locality) {
    if (asked === undefined) return now;
    if (asked < now) throw new RangeError(`due ${asked} lies before now ${now}`);
    return asked;
  }
  if (from.loose || to.loose) {
    const boundary = boundaryAfter(now, rules.controlWindowNs);
    if (asked === undefined || asked <= boundary) return boundary;
    return Math.ceil(asked / rules.controlWindowNs) * rules.controlWindowNs;
  }
  const earliest = now + rules.lookaheadNs;
  if (asked === undefined) return earliest;
  if (asked < earliest) {
    throw new RangeError(
      `${from.locality} -> ${to.locality}: due ${asked} is ${earliest - asked} ns before the lookahead allows`,
    );
  }
  return asked;
}
