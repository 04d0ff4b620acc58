/**
 * Fair rates divide a node's CPUs among its zones by weighted max-min; they do not look at who used how much before.
 *
 * Why.       Shares count only where CPUs are short, and what one zone cannot use belongs to the others.
 * Intuition. Water poured into vessels as wide as their shares: a vessel that is full (its limit) takes no more, and what
 *            it would have taken rises in the others.
 * Rules.     1. A zone's limit is the least of its runnable threads, its cap and its VCPUs: a thread uses one CPU at most.
 *            2. No zone gets more than its limit; while a zone is below its limit, no CPU idles.
 *            3. Zones below their limits get CPU in proportion to their shares.
 *            4. A zone with 0 shares gets only what all others leave.
 * Differs.   From FSS, which reaches the same shares over seconds by decaying usage, one thread a CPU at a time.
 */

/** A zone as the division sees it; rates and limits in CPUs. */
export interface Contender {
  shares: number;
  /** Runnable threads, at least 1. */
  runnable: number;
  /** Percent of one CPU; 0: none. */
  capPercent: number;
  /** 0: none. */
  vcpus: number;
  limit: number;
  rate: number;
  /** Whether each of its threads has a CPU of its own. */
  full: boolean;
}

/** What a zone can use at most, in CPUs. */
export function limitOf(zone: { runnable: number; capPercent: number; vcpus: number }): number {
  let limit = zone.runnable;
  if (zone.vcpus > 0 && zone.vcpus < limit) limit = zone.vcpus;
  if (zone.capPercent > 0 && zone.capPercent < limit * 100) limit = zone.capPercent / 100;
  return limit;
}

/**
 * Sets `limit`, `rate` and `full` of each contender.
 * @returns whether every CPU is in use, that is, whether somebody is below its limit
 */
export function divide(contenders: readonly Contender[], cpus: number): boolean {
  let remaining = cpus;
  let weight = 0;
  for (let i = 0; i < contenders.length; i++) {
    const zone = contenders[i];
    zone.limit = limitOf(zone);
    zone.rate = -1;
    weight += zone.shares;
  }
  for (let settled = true; settled && weight > 0;) {
    settled = false;
    const level = remaining / weight;
    for (let i = 0; i < contenders.length; i++) {
      const zone = contenders[i];
      if (zone.rate >= 0 || zone.shares === 0 || zone.limit > level * zone.shares) continue;
      zone.rate = zone.limit;
      remaining -= zone.limit;
      weight -= zone.shares;
      settled = true;
    }
  }
  let short = weight > 0;
  for (let i = 0; i < contenders.length; i++) {
    const zone = contenders[i];
    if (zone.rate < 0 && zone.shares > 0) zone.rate = (remaining * zone.shares) / weight;
  }
  if (short) remaining = 0;
  if (pourRest(contenders, Math.max(0, remaining))) short = true;
  for (let i = 0; i < contenders.length; i++)
    contenders[i].full = contenders[i].rate === contenders[i].runnable;
  return short;
}

/** Gives what is left to zones without shares, equally. @returns whether one of them stays below its limit */
function pourRest(contenders: readonly Contender[], rest: number): boolean {
  let waiting = 0;
  for (let i = 0; i < contenders.length; i++) if (contenders[i].rate < 0) waiting++;
  while (waiting > 0) {
    const level = rest / waiting;
    let settled = 0;
    for (let i = 0; i < contenders.length; i++) {
      const zone = contenders[i];
      if (zone.rate >= 0 || zone.limit > level) continue;
      zone.rate = zone.limit;
      rest -= zone.limit;
      settled++;
    }
    waiting -= settled;
    if (settled > 0) continue;
    for (let i = 0; i < contenders.length; i++) if (contenders[i].rate < 0) contenders[i].rate = level;
    return true;
  }
  return false;
}
