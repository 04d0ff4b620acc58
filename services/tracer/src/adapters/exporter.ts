/** A bounded, acknowledged exporter: every span given to it is counted as exported or failed, never lost unsaid. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Span } from '../span.ts';
import type { SpanSink } from './sink.ts';

export interface ExporterOptions {
  sinks: readonly SpanSink[];
  readable: (span: Span) => ReadableSpan;
  /** Spans in a batch; default 1,000, what collectors take well. */
  batchMax?: number;
  /** Spans waiting at which the exporter says it is full; default 10,000. */
  queueMax?: number;
  /** Spans waiting beyond which a span is failed at once; default 16 × queueMax. */
  queueHardMax?: number;
  /** Batches under way at once; default 2. */
  concurrency?: number;
}

export interface ExportFailure {
  /** Sink's name, or `queue`. */
  sink: string;
  message: string;
  spans: number;
}

export interface Exporter {
  add(span: Span): void;
  /** Sends what waits for a batch to fill, without waiting for the answer: a live run does so every second. */
  flush(): void;
  /** Waits until the queue has room again. */
  drain(): Promise<void>;
  /** Sends everything, waits for every answer, closes the sinks. */
  close(): Promise<void>;
  readonly full: boolean;
  readonly exported: number;
  readonly failed: number;
  readonly pending: number;
  /** Failures by sink and message. */
  readonly failures: readonly ExportFailure[];
}

interface State {
  queue: ReadableSpan[];
  underWay: Set<Promise<void>>;
  inFlight: number;
  exported: number;
  failed: number;
  failures: Map<string, ExportFailure>;
}

function note(state: State, sink: string, message: string, spans: number): void {
  const key = `${sink}\n${message}`;
  const known = state.failures.get(key);
  if (known !== undefined) known.spans += spans;
  else if (state.failures.size < 100) state.failures.set(key, { sink, message, spans });
}

/** A span counts as exported when every sink took it; sinks name no spans, so the worst sink of a batch counts. */
async function deliver(state: State, sinks: readonly SpanSink[], batch: ReadableSpan[]): Promise<void> {
  const receipts = await Promise.all(sinks.map((sink) => sink.send(batch)));
  let rejected = 0;
  receipts.forEach((receipt, at) => {
    rejected = Math.max(rejected, Math.min(receipt.rejected, batch.length));
    if (receipt.rejected > 0 || receipt.message !== '')
      note(state, sinks[at].name, receipt.message, receipt.rejected);
  });
  state.exported += batch.length - rejected;
  state.failed += rejected;
  state.inFlight -= batch.length;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { sinks, readable, batchMax = 1_000, queueMax = 10_000, concurrency = 2 } = options;
  const hardMax = options.queueHardMax ?? 16 * queueMax;
  const state: State = {
    queue: [],
    underWay: new Set(),
    inFlight: 0,
    exported: 0,
    failed: 0,
    failures: new Map(),
  };
  const pump = (least: number): void => {
    while (state.queue.length >= least && state.queue.length > 0 && state.underWay.size < concurrency) {
      const batch = state.queue.splice(0, batchMax);
      state.inFlight += batch.length;
      const sent = deliver(state, sinks, batch).then(() => {
        state.underWay.delete(sent);
        pump(batchMax);
      });
      state.underWay.add(sent);
    }
  };
  const pending = (): number => state.queue.length + state.inFlight;
  return {
    add: (span) => {
      if (state.queue.length >= hardMax) {
        state.failed++;
        note(state, 'queue', `more than ${hardMax} spans waiting`, 1);
        return;
      }
      state.queue.push(readable(span));
      if (state.queue.length >= batchMax) pump(batchMax);
    },
    flush: () => pump(1),
    drain: async () => {
      while (pending() > queueMax / 2 && pending() > 0) {
        pump(1);
        await Promise.race(state.underWay);
      }
    },
    close: async () => {
      while (pending() > 0) {
        pump(1);
        await Promise.race(state.underWay);
      }
      await Promise.all(sinks.map((sink) => sink.close()));
    },
    get full() {
      return pending() > queueMax;
    },
    get exported() {
      return state.exported;
    },
    get failed() {
      return state.failed;
    },
    get pending() {
      return pending();
    },
    get failures() {
      return [...state.failures.values()];
    },
  };
}
