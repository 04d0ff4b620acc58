/** Figures by bucket of simulated time: bounded by the number of buckets, whatever the length of the run. */
import { MS, SECOND } from '@orrery/kernel';
import type { Bucket } from '@orrery/proto';
import { percentile, type Histogram } from '@orrery/simulator';

/** Most buckets of a run: about one a pixel of a wide chart. */
const BUCKETS_MAX = 900;
/** How long after its end a bucket may still be reported on, ns. */
const LATE_NS = 10 * SECOND;

/** Width of a bucket, ns: whole seconds, so that a second's figures fall into one. */
export function bucketWidth(durationNs: number): number {
  return Math.max(1, Math.ceil(durationNs / SECOND / BUCKETS_MAX)) * SECOND;
}

/** Adds `value` to the bucket at `index`, filling what lies before with 0. */
export function addAt(values: number[], index: number, value: number): void {
  while (values.length <= index) values.push(0);
  values[index] += value;
}

/** Sets the bucket at `index` to the greater of what it holds and `value`. */
export function raiseAt(values: (number | null)[], index: number, value: number): void {
  while (values.length <= index) values.push(null);
  const before = values[index];
  if (before === null || before < value) values[index] = value;
}

export interface Percentiles {
  p50: (number | null)[];
  p99: (number | null)[];
  p999: (number | null)[];
}

/** Latency by bucket; a bucket's histogram is kept only until the bucket is over. */
export interface LatencyBuckets extends Percentiles {
  widthNs: number;
  open: Map<number, Histogram>;
}

export function createLatencyBuckets(widthNs: number): LatencyBuckets {
  return { widthNs, open: new Map(), p50: [], p99: [], p999: [] };
}

export function addLatency(
  buckets: LatencyBuckets,
  index: number,
  latency: readonly Bucket[],
  now: number,
): void {
  if (latency.length === 0) return;
  let counts = buckets.open.get(index);
  if (counts === undefined) buckets.open.set(index, (counts = new Map()));
  for (const { upperNs, count } of latency) counts.set(upperNs, (counts.get(upperNs) ?? 0) + count);
  closeLatency(buckets, now);
}

/** Turns the histograms of buckets that are over at `now` (ns) into percentiles; Infinity: all. */
export function closeLatency(buckets: LatencyBuckets, now: number): void {
  for (const [index, counts] of buckets.open) {
    if ((index + 1) * buckets.widthNs + LATE_NS > now) continue;
    buckets.open.delete(index);
    raiseAt(buckets.p50, index, ms(percentile(counts, 50)));
    raiseAt(buckets.p99, index, ms(percentile(counts, 99)));
    raiseAt(buckets.p999, index, ms(percentile(counts, 99.9)));
  }
}

function ms(ns: number | undefined): number {
  return (ns ?? 0) / MS;
}
