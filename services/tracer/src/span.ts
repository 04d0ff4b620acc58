/** What the tracer exports: finished spans on simulated time, before any wire format. */
import type { ServiceName } from '@orrery/proto';

export type AttributeValue = string | number | boolean;
export type Attributes = Record<string, AttributeValue>;

/** OpenTelemetry's span kinds, by their API numbers. */
export const SpanKind = { INTERNAL: 0, SERVER: 1, CLIENT: 2 } as const;
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

/** A service of the datacenter, or the clients outside its border. */
export type SpanService = ServiceName | 'client';

export interface SpanEvent {
  /** Simulated time, ns. */
  time: number;
  name: string;
  attributes: Attributes;
}

/** Points at a span of this or of another trace. */
export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

export interface Span {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  /** '' for a root. */
  parentSpanId: string;
  service: SpanService;
  name: string;
  kind: SpanKind;
  /** Simulated time, ns. */
  start: number;
  /** Simulated time, ns; at least `start`. */
  end: number;
  /** '' when all went well. */
  error: string;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
}

/** A trace never holds more spans than this; what is beyond goes to a further trace, joined by links. */
export const SPANS_PER_TRACE_MAX = 1_900;

/** Epoch of a batch run, 2026-01-01T00:00:00Z, as ns since 1970: a constant, so that a run's times repeat. */
export const BATCH_EPOCH_NS = 1_767_225_600_000_000_000n;

/** A simulated moment as ns since 1970. @param epochNs the run's start, ns since 1970 */
export function unixNs(epochNs: bigint, ns: number): bigint {
  return epochNs + BigInt(ns);
}
