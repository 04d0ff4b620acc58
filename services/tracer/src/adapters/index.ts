/** Tracing of a run, with exporters: OTLP over HTTP and gRPC, and OTLP JSON lines in a file. */
export { createTracing, sinkOf, type SpanCounts, type Tracing, type TracingOptions } from './tracing.ts';
export type { ExportFailure } from './exporter.ts';
export type { Receipt, RetryOptions, SpanSink } from './sink.ts';
