/**
 * Sampler decides which traces are exported, once each trace is whole; it does not draw chance.
 *
 * Why.       A second of a small datacenter makes thousands of spans, and an operator looks at a dozen: the failed, the
 *            slowest, and a fair share of the ordinary for comparison.
 * Rules.     1. A trace with an error is kept.
 *            2. A trace is kept when its keyed hash falls in the first `share` of all hashes: the same traces in every
 *               run of that seed, whatever else is traced.
 *            3. Of each operation, the `slowest` longest traces of every window of simulated time are kept; equal
 *               lengths go by trace number, the lower first.
 *            4. Every other trace is handed back as sampled out, exactly once.
 * State.     At most `slowest` candidates an operation, and at most `operationsMax` operations (those beyond share one
 *            list), from a window's first trace to its end.
 */
import { keyedHash } from '@orrery/kernel';
import type { Trace } from './assembler.ts';

/**
 * Share of ordinary traces that are kept, a fraction. Too small: nothing to compare the slow ones with; too large: the
 * collector is the slowest part of the run.
 */
export const SAMPLE_SHARE = 0.01;
/** Slowest traces kept of each operation and window. Too small hides a second culprit; too large is more of the same. */
export const SAMPLE_SLOWEST = 1;
/** Window of the slowest, ns. Too short keeps ordinary traces; too long delays them and thins a short incident. */
export const SAMPLE_WINDOW_NS = 10_000_000_000;

const OPERATIONS_MAX = 4_096;
const WORD = 4_294_967_296;

export interface SamplerOptions {
  seed: number;
  share: number;
  slowest: number;
  windowNs: number;
}

export interface Sampler extends SamplerOptions {
  window: number;
  candidates: Map<string, Trace[]>;
}

/** What becomes of traces that the sampler hands back. */
export interface Verdict {
  keep(trace: Trace): void;
  drop(trace: Trace): void;
}

export function createSampler(options: SamplerOptions): Sampler {
  return { ...options, window: 0, candidates: new Map() };
}

/** Whether the keyed hash of a trace number keeps it. */
export function inShare(sampler: SamplerOptions, trace: number): boolean {
  return keyedHash(sampler.seed, 'sample', trace) < sampler.share * WORD;
}

/**
 * Judges one whole trace; the verdict may come now or at the window's end.
 * @param tight the exporter is full and the run is live: only errors and the slowest are kept
 */
export function judge(sampler: Sampler, trace: Trace, verdict: Verdict, tight: boolean): void {
  if (trace.failed || (!tight && inShare(sampler, trace.trace))) {
    verdict.keep(trace);
    return;
  }
  if (trace.root === undefined || sampler.slowest === 0) {
    verdict.drop(trace);
    return;
  }
  const list = candidatesOf(sampler, `${trace.root.service} ${trace.root.record.name}`);
  let at = list.length;
  while (at > 0 && isSlower(trace, list[at - 1])) at--;
  list.splice(at, 0, trace);
  const last = list.length > sampler.slowest ? list.pop() : undefined;
  if (last !== undefined) verdict.drop(last);
}

/** Keeps the candidates of windows that ended by `now` (ns). */
export function closeWindow(sampler: Sampler, now: number, verdict: Verdict): void {
  const window = Math.floor(now / sampler.windowNs);
  if (window > sampler.window) {
    sampler.window = window;
    keepCandidates(sampler, verdict);
  }
}

/** Keeps all candidates: for the end of a run. */
export function keepCandidates(sampler: Sampler, verdict: Verdict): void {
  for (const list of sampler.candidates.values()) for (const trace of list) verdict.keep(trace);
  sampler.candidates.clear();
}

function candidatesOf(sampler: Sampler, operation: string): Trace[] {
  const name = sampler.candidates.size < OPERATIONS_MAX || sampler.candidates.has(operation) ? operation : '';
  let list = sampler.candidates.get(name);
  if (list === undefined) sampler.candidates.set(name, (list = []));
  return list;
}

function lengthOf(trace: Trace): number {
  return trace.root === undefined ? 0 : trace.root.record.end - trace.root.record.start;
}

function isSlower(trace: Trace, other: Trace): boolean {
  return (
    lengthOf(trace) - lengthOf(other) > 0 ||
    (lengthOf(trace) === lengthOf(other) && trace.trace < other.trace)
  );
}
