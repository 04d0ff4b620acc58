/** What a process counts as it goes, and what it says of it. */
import type { SpanFigures } from '@orrery/proto';

/** Plain numbers that a replica counts as it goes; whoever wants to know reads them. */
export interface Counters {
  /** Windows run. */
  windows: number;
  /** Boundaries carried out. */
  boundaries: number;
  /** Simulated time that has been run, ns. */
  simulatedNs: number;
  /** Events delivered. */
  events: number;
  facts: number;
  /** Events that wait. */
  queued: number;
  /** Messages and objects that the broker has not acknowledged. */
  unacknowledged: number;
  /** Wall time in windows, ms. */
  runMs: number;
  /** Wall time without a window to run, ms, by whose message ended it: a replica, or `boundary`. */
  waitedMs: Map<string, number>;
  /** Wall time at which a window last began, ms; 0: none did. */
  lastWindowMs: number;
  /** Tries of the broker that failed, and are made again. */
  brokerFailures: number;
  /** Messages that could not be read, and were passed over. */
  malformed: number;
  /** The tracer's: `made`, and what became of them: `exported`, `sampled_out`, `failed`, `pending`. */
  spans: Map<string, number>;
}

export function newCounters(): Counters {
  return {
    windows: 0,
    boundaries: 0,
    simulatedNs: 0,
    events: 0,
    facts: 0,
    queued: 0,
    unacknowledged: 0,
    runMs: 0,
    waitedMs: new Map(),
    lastWindowMs: 0,
    brokerFailures: 0,
    malformed: 0,
    spans: new Map(),
  };
}

/** As a lease tells them; undefined: it makes none. */
export function spanFigures({ spans }: Counters): SpanFigures | undefined {
  if (spans.size === 0) return undefined;
  const of = (outcome: string): number => spans.get(outcome) ?? 0;
  return {
    made: of('made'),
    exported: of('exported'),
    sampledOut: of('sampled_out'),
    failed: of('failed'),
    pending: of('pending'),
  };
}
