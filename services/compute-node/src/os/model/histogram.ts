/**
 * A latency histogram has log-linear buckets, 32 an octave, and keeps only those with something in them.
 *
 * Rules. 1. A bucket's upper bound is at most 1/32 above anything in it; below 64 ns each value has its own.
 *        2. Histograms of any seconds and zones add up bucket by bucket.
 */
import type { Bucket } from '@orrery/proto';

/** Index of the bucket for `ns`; consecutive buckets have consecutive indices. */
export function bucketOf(ns: number): number {
  if (ns < 64) return ns;
  const high = ns >= 4_294_967_296 ? 63 - Math.clz32(Math.floor(ns / 4_294_967_296)) : 31 - Math.clz32(ns);
  let unit = 1;
  for (let octave = 5; octave < high; octave++) unit *= 2;
  return (high - 5) * 32 + Math.floor(ns / unit);
}

/** Largest value, ns, that falls into the bucket. */
export function bucketUpperNs(index: number): number {
  if (index < 64) return index;
  const high = Math.floor(index / 32) + 4;
  let unit = 1;
  for (let octave = 5; octave < high; octave++) unit *= 2;
  return (32 + (index % 32) + 1) * unit - 1;
}

/** Counts by bucket index; plain data. */
export type Histogram = Map<number, number>;

export function record(histogram: Histogram, ns: number): void {
  const index = bucketOf(ns);
  histogram.set(index, (histogram.get(index) ?? 0) + 1);
}

/** As facts carry it: by bound, ascending. */
export function bucketsOf(histogram: Histogram): Bucket[] {
  return [...histogram]
    .sort((a, b) => a[0] - b[0])
    .map(([index, count]) => ({ upperNs: bucketUpperNs(index), count }));
}
