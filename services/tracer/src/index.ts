/** The tracer: derives spans from facts and records, samples them, and says what became of each. */
export { createTracer, type Tracer, type TracerCounts, type TracerOptions } from './tracer.ts';
export { type FactRow, type FieldRow, factRegistry } from './registry.ts';
export { reachOf } from './reach.ts';
export { BATCH_EPOCH_NS, type Span, type SpanEvent, type SpanLink, unixNs } from './span.ts';
export type { ObservedFact } from './story/fact.ts';
