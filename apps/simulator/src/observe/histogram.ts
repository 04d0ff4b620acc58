/** Latency histograms as facts carry them: sparse buckets by upper bound in ns, merged by adding counts. */
import type { Bucket } from '@orrery/proto';

export type Histogram = Map<number, number>;

export function addBuckets(into: Histogram, buckets: readonly Bucket[]): void {
  for (const { upperNs, count } of buckets) into.set(upperNs, (into.get(upperNs) ?? 0) + count);
}

export function addHistogram(into: Histogram, from: Histogram): void {
  for (const [upperNs, count] of from) into.set(upperNs, (into.get(upperNs) ?? 0) + count);
}

/**
 * Upper bound, in ns, of the bucket that holds the given percentile (0 to 100); undefined without any value.
 * The figure is at most one bucket's width above the true one.
 */
export function percentile(histogram: Histogram, percent: number): number | undefined {
  let total = 0;
  for (const count of histogram.values()) total += count;
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil((total * percent) / 100));
  let seen = 0;
  for (const upper of [...histogram.keys()].sort((a, b) => a - b)) {
    seen += histogram.get(upper) ?? 0;
    if (seen >= rank) return upper;
  }
  return undefined;
}
