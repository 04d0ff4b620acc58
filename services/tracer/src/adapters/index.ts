/** Tracing of a run, with exporters: OTLP over HTTP and gRPC, and OTLP JSON lines in a file. */
export {
  createTracing,
  sinkOf,
  type SpanCounts,
  type Tracing,
  type TracingOptions,
  type TracingState,
} from './tracing.ts';
export type { ExportFailure, Settled } from './exporter.ts';
export type { Receipt, RetryOptions, SpanSink } from './sink.ts';
