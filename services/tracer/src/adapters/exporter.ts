/** A bounded, acknowledged exporter: every span given to it is counted as exported or failed, never lost unsaid. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Span } from '../span.ts';
import type { SpanSink } from './sink.ts';

/** What collectors take well. */
const BATCH_MAX = 1_000;

export interface ExporterOptions {
  sinks: readonly SpanSink[];
  readable: (span: Span) => ReadableSpan;
  /** Spans in a batch; default BATCH_MAX. */
  batchMax?: number;
  /** Spans waiting at which the exporter says it is full; default 10,000. */
  queueMax?: number;
  /** Spans waiting beyond which a span is failed at once; default 16 × queueMax. */
  queueHardMax?: number;
  /** Batches under way at once; default 2. */
  concurrency?: number;
  /** What another of the same run has settled. */
  settled?: Settled;
}

/** What became of spans, in all. */
export interface Settled {
  exported: number;
  failed: number;
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
  /** What became of all that was added before this call, and before it; one caller at a time. */
  settled(): Promise<Settled>;
  /** Waits until the queue has room again. */
  drain(): Promise<void>;
  /** Sends everything, waits for every answer as long as attempts are made, closes the sinks. */
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
  /** Somebody waits for so many of the queue, and for all that is under way; the rest is sent after them. */
  awaited: { queued: number; tell: (settled: Settled) => void } | undefined;
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

function sendable({ queue, awaited }: State): number {
  return awaited === undefined ? queue.length : awaited.queued;
}

function tellSettled(state: State): void {
  const { awaited, exported, failed } = state;
  if (awaited === undefined || awaited.queued > 0 || state.inFlight > 0) return;
  state.awaited = undefined;
  awaited.tell({ exported, failed });
}

function newState({ exported = 0, failed = 0 }: Partial<Settled> = {}): State {
  return {
    queue: [],
    underWay: new Set(),
    inFlight: 0,
    exported,
    failed,
    failures: new Map(),
    awaited: undefined,
  };
}

/** @returns what sends batches while at least `least` spans wait */
function pumpOf(state: State, options: ExporterOptions): (least: number) => void {
  const { sinks, batchMax = BATCH_MAX, concurrency = 2 } = options;
  const pump = (least: number): void => {
    while (state.queue.length >= least && sendable(state) > 0 && state.underWay.size < concurrency) {
      const batch = state.queue.splice(0, Math.min(batchMax, sendable(state)));
      if (state.awaited !== undefined) state.awaited.queued -= batch.length;
      state.inFlight += batch.length;
      const sent = deliver(state, sinks, batch).then(() => {
        state.underWay.delete(sent);
        tellSettled(state);
        pump(state.awaited === undefined ? batchMax : 1);
      });
      state.underWay.add(sent);
    }
  };
  return pump;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { sinks, readable, batchMax = BATCH_MAX, queueMax = 10_000 } = options;
  const hardMax = options.queueHardMax ?? 16 * queueMax;
  const state = newState(options.settled);
  const pump = pumpOf(state, options);
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
    settled: () =>
      new Promise((tell) => {
        state.awaited = { queued: state.queue.length, tell };
        pump(1);
        tellSettled(state);
      }),
    drain: async () => {
      while (pending() > queueMax / 2 && pending() > 0) {
        pump(1);
        await Promise.race(state.underWay);
      }
    },
    close: async () => {
      for (const sink of sinks) sink.hurry?.();
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
