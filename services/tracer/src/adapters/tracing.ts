/** Tracing of one run: a tracer with its exporter, as the composition root uses it. */
import type { SpanRecord } from '@orrery/actor';
import type { Datacenter } from '@orrery/spec';
import { reachOf } from '../reach.ts';
import { BATCH_EPOCH_NS } from '../span.ts';
import type { ObservedFact } from '../story/fact.ts';
import { createTracer, type TracerState } from '../tracer.ts';
import { createExporter, type ExportFailure, type Settled } from './exporter.ts';
import { createFileSink } from './otlp-file.ts';
import { createGrpcSink } from './otlp-grpc.ts';
import { createHttpSink } from './otlp-http.ts';
import { createReadable } from './readable-span.ts';
import { RETRY, type RetryOptions, type SpanSink } from './sink.ts';
import { WallTimes } from './wall-times.ts';

export interface TracingOptions {
  /** Name of the scenario or datacenter. */
  run: string;
  seed: number;
  /** `http://host:4318` or `grpc://host:4317`. */
  otlp?: string;
  /** File for OTLP JSON lines. */
  file?: string;
  /** Run's start, ns since 1970; default the constant of batch runs. */
  epochNs?: bigint;
  /** Tells which nodes hang on which switch. */
  datacenter?: Datacenter;
  /** A live run never waits: a full exporter gives up the ordinary share, and a collector that is away is waited for. */
  live?: boolean;
  /** Whether the ordinary share is to be given up; default: a live run's exporter is full. */
  tight?: () => boolean;
  /** Records held at once by unfinished traces. */
  recordsMax?: number;
  /** What another of the same run is to go on with. */
  resumed?: TracingState;
  share?: number;
  slowest?: number;
  retry?: RetryOptions;
  /** Further places for spans. */
  sinks?: readonly SpanSink[];
}

/** A tracing at one moment, as plain data, with all that it handed on before settled. */
export interface TracingState extends Settled {
  tracer: TracerState;
}

/** At the end made = exported + sampledOut + failed, and pending is 0. */
export interface SpanCounts {
  made: number;
  exported: number;
  sampledOut: number;
  failed: number;
  pending: number;
}

export interface Tracing {
  observeFact(fact: ObservedFact): void;
  observeSpan(service: string, address: string, record: SpanRecord): void;
  /** A batch run awaits `drain()` before it goes on. */
  readonly full: boolean;
  drain(): Promise<void>;
  /** Sends what waits, so that a live run's spans are seen soon; waits for nothing. */
  flush(): void;
  /** Says where a live run is, so that its spans are now. @param time simulated ns @param wallMs ms since 1970 */
  isAt(time: number, wallMs: number): void;
  /**
   * The state as it is now, to be copied at once, and what comes of the spans that were handed on before: when all of them
   * are exported or refused, another tracing goes on from here and none is lost. One caller at a time.
   */
  checkpoint(): { tracer: TracerState; settled: Promise<Settled> };
  /** Ends all traces, sends everything and waits. @param now the run's end, simulated ns */
  finish(now: number): Promise<SpanCounts>;
  readonly counts: SpanCounts;
  readonly failures: readonly ExportFailure[];
}

/** @throws TypeError when the URL is none or has another scheme */
export function sinkOf(url: string, retry: RetryOptions = RETRY): SpanSink {
  const { protocol } = new URL(url);
  if (protocol === 'http:' || protocol === 'https:') return createHttpSink(url, retry);
  if (protocol === 'grpc:' || protocol === 'grpcs:') return createGrpcSink(url, retry);
  throw new TypeError(`${url}: expected http://host:4318 or grpc://host:4317`);
}

export function createTracing(options: TracingOptions): Tracing {
  const sinks = [...(options.sinks ?? [])];
  if (options.otlp !== undefined)
    sinks.push(sinkOf(options.otlp, options.retry ?? { ...RETRY, patient: options.live === true }));
  if (options.file !== undefined) sinks.push(createFileSink(options.file));
  const { run, seed, share, slowest, datacenter, recordsMax, resumed } = options;
  const times = new WallTimes(options.epochNs ?? BATCH_EPOCH_NS);
  const readable = createReadable((traceId) => times.epochOf(traceId), {
    'orrery.run': run,
    'orrery.seed': seed,
  });
  const exporter = createExporter({ sinks, readable, settled: resumed });
  const tracer = createTracer({
    run,
    seed,
    share,
    slowest,
    recordsMax,
    state: resumed?.tracer,
    reach: datacenter === undefined ? undefined : reachOf(datacenter),
    aliases: new Map(datacenter?.vms.map((vm) => [vm.uuid, vm.alias])),
    emit: (span) => exporter.add(span),
    tight: options.tight ?? (options.live === true ? () => exporter.full : undefined),
  });
  const counts = (): SpanCounts => {
    const { made, sampledOut } = tracer.counts;
    const { exported, failed } = exporter;
    return { made, exported, sampledOut, failed, pending: made - exported - sampledOut - failed };
  };
  return {
    observeFact: tracer.observeFact,
    observeSpan: tracer.observeSpan,
    get full() {
      return exporter.full;
    },
    drain: exporter.drain,
    flush: exporter.flush,
    isAt: (time, wallMs) => times.isAt(time, BigInt(Math.round(wallMs * 1e6))),
    checkpoint: () => ({ tracer: tracer.state(), settled: exporter.settled() }),
    finish: async (now) => {
      tracer.finish(now);
      await exporter.close();
      return counts();
    },
    get counts() {
      return counts();
    },
    get failures() {
      return exporter.failures;
    },
  };
}
