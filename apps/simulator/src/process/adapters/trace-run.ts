/**
 * Reads what the services of a traced run tell the tracer, and exports what is worth it. The stream is the buffer: it is read no
 * faster than the collector takes, and let go of once what was made of it is exported and the tracer's state is kept.
 */
import { deserialize, serialize } from 'node:v8';
import { setTimeout } from 'node:timers/promises';
import type { OpenBroker } from '@orrery/bus';
import { natsBus } from '@orrery/bus/nats';
import { createTracing, type Settled, type Tracing, type TracingState } from '@orrery/tracer/adapters';
import { BATCH_EPOCH_NS } from '@orrery/tracer';
import { traceGatherer, type TraceGatherer, type TraceState } from '../../parts/trace-gather.ts';
import { isScarce } from '../record-room.ts';
import type { RunContext, RunningRole } from '../role.ts';

/** Wall time between looks for more, ms. */
const LOOK_MS = 50;
/** Spans wait no longer than this for a batch to fill, ms. */
const FLUSH_MS = 1000;
/** Wall time between checkpoints, ms: what another process may have to make again, and export again under the same ids. */
const KEEP_MS = 5000;
/** A collector that takes nothing for so long is spoken of, ms. */
const SILENT_MS = 10_000;
/** Somebody who asks it to go waits no longer for a checkpoint, ms. */
const LEAVE_MS = 2000;
/** Records of unfinished traces in memory: some 25 MB. */
const RECORDS_MAX = 50_000;
/** Changes when a state that was kept cannot be gone on with. */
const FORMAT = 1;
/** As whom it keeps its state. */
const READER = 'tracer';

/** What it keeps. */
interface Kept extends Settled {
  format: number;
  body: Uint8Array;
}

interface Body {
  tracer: TracingState['tracer'];
  gathered: TraceState;
  next: number;
}

/** @param otlp `http://host:4318` or `grpc://host:4317` @throws TypeError when it is neither */
export async function traceRun(context: RunContext, otlp: string): Promise<RunningRole> {
  const broker = await natsBus(context.connection, context.record.id, (detail) => {
    context.counters.malformed++;
    context.log.warn({ detail }, 'passed over a message that cannot be read');
  }).open(READER);
  const kept = readKept(await broker.keptState(READER));
  if (kept !== undefined) context.log.info({ next: kept.body.next }, 'going on from a checkpoint');
  return new TraceRun(context, broker, otlp, kept);
}

function readKept(bytes: Uint8Array | undefined): (Settled & { body: Body }) | undefined {
  if (bytes === undefined) return undefined;
  const { format, body, exported, failed } = deserialize(bytes) as Kept;
  return format === FORMAT ? { exported, failed, body: deserialize(body) as Body } : undefined;
}

class TraceRun implements RunningRole {
  readonly over: Promise<void>;
  private readonly context: RunContext;
  private readonly broker: OpenBroker;
  private readonly tracing: Tracing;
  private readonly gatherer: TraceGatherer;
  private readonly reading: Promise<void>;
  private next: number;
  private keeping: Promise<void> | undefined;
  private fill = 0;
  private stopped = false;

  constructor(context: RunContext, broker: OpenBroker, otlp: string, kept: ReturnType<typeof readKept>) {
    const { scenario, record } = context;
    this.context = context;
    this.broker = broker;
    this.next = kept?.body.next ?? 0;
    const isLive = record.epochMs > 0;
    this.tracing = createTracing({
      run: record.name,
      seed: record.seed,
      otlp,
      datacenter: scenario.datacenter,
      epochNs: isLive ? BigInt(record.epochMs) * 1_000_000n : BATCH_EPOCH_NS,
      live: true,
      tight: () => isLive && isScarce(this.fill),
      recordsMax: RECORDS_MAX,
      resumed: kept && { tracer: kept.body.tracer, exported: kept.exported, failed: kept.failed },
    });
    this.gatherer = traceGatherer(scenario, this.tracing, kept?.body.gathered);
    this.reading = this.read();
    this.over = this.reading.then(() => (this.stopped ? new Promise<void>(() => undefined) : this.finish()));
    void this.watch();
  }

  notReady(): string | undefined {
    return this.context.connected() ? undefined : 'the broker does not answer';
  }

  members(): [] {
    return [];
  }

  async drain(): Promise<void> {
    await Promise.race([this.keep(), setTimeout(LEAVE_MS)]);
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    const { registry, record } = this.context;
    const now = await Promise.race([registry.read(), setTimeout(LEAVE_MS)]);
    const isOver = now !== undefined && (now.ended || now.id !== record.id);
    if (isOver) await Promise.race([this.reading, setTimeout(LEAVE_MS)]);
    this.stopped = true;
    if (isOver) await this.finish();
    await this.broker.close();
  }

  /** Until the run's end, or until it is stopped. */
  private async read(): Promise<void> {
    const { broker, gatherer, tracing, context } = this;
    while (!this.stopped && gatherer.upTo < context.scenario.durationNs) {
      if (tracing.full) {
        await Promise.race([tracing.drain(), setTimeout(FLUSH_MS)]);
        continue;
      }
      const { batches, storedMs, gap, next } = await broker.readRecords(this.next);
      if (gap) {
        context.log.warn(
          { from: this.next },
          'records were let go of before they were read: going on after them',
        );
        gatherer.skip();
      }
      for (const [n, batch] of batches.entries()) {
        if (context.record.epochMs > 0) tracing.isAt(batch.facts?.upTo ?? 0, storedMs[n]);
        gatherer.add(batch);
      }
      const isAll = next === this.next;
      this.next = next;
      if (isAll) await setTimeout(LOOK_MS);
    }
  }

  /** Looks now and then at what no batch tells. */
  private async watch(): Promise<void> {
    let keptMs = performance.now();
    let taken = { exported: -1, ms: performance.now() };
    while (!this.stopped) {
      await setTimeout(FLUSH_MS);
      this.tracing.flush();
      this.count();
      this.fill = await this.broker.recordFill().catch(() => this.fill);
      const nowMs = performance.now();
      const { exported, pending } = this.tracing.counts;
      if (exported !== taken.exported || pending === 0) taken = { exported, ms: nowMs };
      else if (nowMs - taken.ms > SILENT_MS) {
        this.context.log.warn({ pending }, 'the collector takes no spans; they wait');
        taken.ms = nowMs;
      }
      if (nowMs - keptMs < KEEP_MS) continue;
      keptMs = nowMs;
      void this.keep();
    }
  }

  /** Keeps the state as it is now, once all that it has handed on is settled; then what it was made of may go. */
  private keep(): Promise<void> {
    this.keeping ??= this.keepNow()
      .catch((error: unknown) => this.context.log.warn({ err: error }, 'could not keep a checkpoint'))
      .finally(() => (this.keeping = undefined));
    return this.keeping;
  }

  private async keepNow(): Promise<void> {
    const { broker, gatherer, next } = this;
    const { tracer, settled } = this.tracing.checkpoint();
    const body = serialize({ tracer, gathered: gatherer.state, next } satisfies Body);
    const { exported, failed } = await settled;
    if (this.stopped) return;
    await broker.keepState(READER, serialize({ format: FORMAT, exported, failed, body } satisfies Kept));
    await broker.purgeRecords(next);
  }

  private count(): void {
    const { counters } = this.context;
    const { made, exported, sampledOut, failed, pending } = this.tracing.counts;
    const { givenUp } = this.gatherer.state;
    counters.simulatedNs = this.gatherer.upTo;
    counters.spans.set('made', made + givenUp);
    counters.spans.set('exported', exported);
    counters.spans.set('sampled_out', sampledOut + givenUp);
    counters.spans.set('failed', failed);
    counters.spans.set('pending', pending);
  }

  private async finish(): Promise<void> {
    const counts = await this.tracing.finish(this.gatherer.upTo);
    this.count();
    this.context.log.info({ ...counts }, 'told the whole run');
  }
}
