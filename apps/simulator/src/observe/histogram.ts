/** Latency histograms as facts carry them: sparse buckets by upper bound in ns, merged by adding counts. */
import type { Bucket } from '@orrery/proto';

export type Histogram = Map<number, number>;

export function addBuckets(into: Histogram, buckets: readonly Bucket[]): void {
  for (const { upperNs, count } of buckets) into.set(upperNs, (into.get(upperNs) ?? 0) + count);
}

export function addHistogram(into: Histogram, from: Histogram): void {
  for (const [upperNs, count] of from) into.set(upperNs, (into.get(upperNs) ?? 0) + count);
}

/** Buckets an octave, above as many exact values twice. */
const STEPS = 32;

/** Width, ns, of the log-linear bucket with this upper bound, itself the greatest value in it. */
function widthNs(upperNs: number): number {
  let width = 1;
  while (upperNs + 1 > 2 * STEPS * width) width *= 2;
  return width;
}

/**
 * The given percentile (0 to 100), ns; undefined without any value. Values are taken as spread evenly over their bucket, so the
 * figure is off by less than a bucket's width; none is above `maxNs`, the greatest value there was.
 */
export function percentile(histogram: Histogram, percent: number, maxNs = Infinity): number | undefined {
  let total = 0;
  for (const count of histogram.values()) total += count;
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil((total * percent) / 100));
  let seen = 0;
  for (const upper of [...histogram.keys()].sort((a, b) => a - b)) {
    const count = histogram.get(upper) ?? 0;
    if (seen + count < rank) {
      seen += count;
      continue;
    }
    const above = Math.floor((widthNs(upper) * (seen + count - rank)) / count);
    return Math.min(maxNs, upper - above);
  }
  return undefined;
}
