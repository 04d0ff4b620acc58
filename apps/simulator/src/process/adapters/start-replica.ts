/** Runs a replica's part of a run over the broker: joins when the headnode's word names it, until the run is over. */
import { deserialize, serialize } from 'node:v8';
import { setTimeout } from 'node:timers/promises';
import type { WindowedHost } from '@orrery/actor';
import type { OpenBroker, Runner } from '@orrery/bus';
import { drive, type Driven } from '@orrery/bus/drive';
import { natsBus } from '@orrery/bus/nats';
import type { BoundaryClosed, Member } from '@orrery/proto';
import { ClosingPart, type CloseOptions } from '../../parts/closing-part.ts';
import { createPart } from '../../parts/part.ts';
import type { ShardPlan } from '../../parts/shards.ts';
import { mayLeave } from '../drain.ts';
import { membersWanted, waitedFor } from '../membership.ts';
import { notReady } from '../readiness.ts';
import { isTold, mustWait } from '../record-room.ts';
import type { RunContext, RunningRole } from '../role.ts';
import { instrument } from './instrument.ts';

/** Wall time between looks whether all is said, ms. */
const LOOK_MS = 20;
/** Wall time between purges of what no replica needs, ms. */
const PURGE_MS = 2000;
/** Wall time between looks how full the stream of records is, ms. */
const FILL_MS = 500;

export interface ReplicaHooks {
  /** To the headnode: the boundary may be closed, by `closeBoundary`, now or later. Without it, it is closed at once. */
  onClose?(replica: RunningReplica): void;
  /** To the headnode: its word is stored; whoever asked for one of its commands may be answered. */
  onStored?(message: BoundaryClosed): void;
  /** The last window has been run. */
  onEnd?(): void;
}

export interface RunningReplica extends RunningRole {
  readonly runner: Runner;
  readonly simulation: WindowedHost;
  readonly plan: ShardPlan;
  readonly broker: OpenBroker;
  /** The headnode's. */
  readonly closing: ClosingPart | undefined;
  /** Closes the boundary that may be closed. @returns false when there is none, or replicas are still waited for */
  closeBoundary(options?: CloseOptions): boolean;
}

/** Starts from the replica's last snapshot, or as a new one. */
export async function startReplica(context: RunContext, hooks: ReplicaHooks): Promise<RunningReplica> {
  const { connection, record, scenario, replica } = context;
  const broker = await natsBus(connection, record.id, (detail) => {
    context.counters.malformed++;
    context.log.warn({ detail }, 'passed over a message that cannot be read');
  }).open(replica);
  const started = new StartedReplica(context, hooks, broker);
  const { lookaheadNs, controlWindowNs } = scenario.datacenter;
  started.begin(
    await drive(started.broker, {
      run: record.id,
      replica,
      process: context.process,
      rules: { lookaheadNs, controlWindowNs, endNs: scenario.durationNs },
      closes: started.closing !== undefined,
      simulation: started.simulation,
      listener: started,
    }),
  );
  return started;
}

class StartedReplica implements RunningReplica {
  readonly over: Promise<void>;
  readonly simulation: WindowedHost;
  readonly plan: ShardPlan;
  readonly broker: OpenBroker;
  readonly closing: ClosingPart | undefined;
  private readonly context: RunContext;
  private readonly hooks: ReplicaHooks;
  private driven: Driven | undefined;
  private done: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  private missing = '';
  private ended = false;
  /** Of the stream of records. */
  private fill = 0;
  private stopped = false;

  constructor(context: RunContext, hooks: ReplicaHooks, broker: OpenBroker) {
    const { scenario, record, service, counters } = context;
    this.context = context;
    this.hooks = hooks;
    this.over = new Promise((done, fail) => Object.assign(this, { done, fail }));
    const options = {
      scenario,
      seed: record.seed,
      encode: (value: unknown) => new Uint8Array(serialize(value)),
      decode: (bytes: Uint8Array) => deserialize(bytes) as unknown,
      traced: record.traced,
    };
    this.closing = service === 'headnode' ? new ClosingPart(options) : undefined;
    const { simulation, plan } = this.closing?.part ?? createPart(options);
    this.simulation = simulation;
    if (record.epochMs > 0) simulation.keepsSpan = (span) => isTold(span, this.fill, record.seed);
    this.plan = plan;
    this.broker = instrument(broker, simulation, counters, (error) => this.fail(error));
  }

  get runner(): Runner {
    return (this.driven as Driven).runner;
  }

  begin(driven: Driven): void {
    this.driven = driven;
    this.onClose();
    void this.watch().catch((error: unknown) => this.fail(error));
    if (this.context.record.traced) void this.watchRecords();
  }

  onClose(): void {
    if (this.driven === undefined || this.runner.closing === undefined) return;
    if (this.hooks.onClose === undefined) this.closeBoundary();
    else this.hooks.onClose(this);
  }

  onStored(message: BoundaryClosed): void {
    this.hooks.onStored?.(message);
  }

  onEnd(): void {
    this.ended = true;
    this.hooks.onEnd?.();
  }

  onStop(code: string, detail: string): void {
    this.fail(new Error(`${code}: ${detail}`));
  }

  closeBoundary(options: CloseOptions = {}): boolean {
    if (this.context.record.epochMs === 0 && mustWait(this.fill)) return false;
    return this.closing?.close(this.runner, () => this.wanted(), options) ?? false;
  }

  notReady(): string | undefined {
    const { context, runner } = this;
    const { phase, shards } = runner.replica;
    return notReady({
      connected: context.connected(),
      phase,
      hasShards: shards.length > 0,
      silentMs: performance.now() - context.counters.lastWindowMs,
    });
  }

  members(): readonly Member[] {
    return this.closing === undefined ? [] : this.runner.members;
  }

  async drain(): Promise<void> {
    const { context, runner } = this;
    const begunMs = performance.now();
    const others = (): boolean =>
      context
        .leases()
        .some(
          ({ service, replica, draining }) =>
            service === context.service && replica !== context.replica && !draining,
        );
    const may = (): boolean =>
      mayLeave({
        isMember: runner.replica.position.epoch > 0,
        settled: runner.settled,
        others: others(),
        waitedMs: performance.now() - begunMs,
      });
    while (!this.stopped && !may()) await setTimeout(LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.driven?.close();
  }

  private wanted(): Member[] | undefined {
    const { context, plan, runner } = this;
    const counts = Object.fromEntries(context.record.replicas.map(({ service, count }) => [service, count]));
    const present = { plan, counts, members: runner.members, leases: context.leases() };
    const missing = waitedFor(present).join(', ');
    if (missing !== this.missing && missing !== '') context.log.info({ missing }, 'waiting for replicas');
    this.missing = missing;
    const wanted = membersWanted(present);
    if (wanted !== undefined) context.log.info({ members: shardsByReplica(wanted) }, 'a new epoch begins');
    return wanted;
  }

  /** Looks now and then at what no message tells. */
  private async watch(): Promise<void> {
    const { broker, runner, closing } = this;
    const { counters } = this.context;
    let purgedMs = performance.now();
    while (!this.stopped && !(await this.isOver())) {
      await setTimeout(LOOK_MS);
      counters.unacknowledged = runner.outbox.waiting.size;
      counters.brokerFailures = broker.failures;
      this.onClose();
      if (closing === undefined || performance.now() - purgedMs < PURGE_MS) continue;
      purgedMs = performance.now();
      await broker.purge(runner.neededFrom(await broker.pointers()));
    }
    if (this.stopped) return;
    const { registry, record } = this.context;
    if (closing !== undefined) await registry.write({ ...record, ended: true });
    this.done();
  }

  private async watchRecords(): Promise<void> {
    while (!this.stopped) {
      this.fill = await this.broker.recordFill().catch(() => this.fill);
      await setTimeout(FILL_MS);
    }
  }

  private async isOver(): Promise<boolean> {
    const { ended, runner, closing, broker } = this;
    return ended && runner.settled && (closing === undefined || runner.isOver(await broker.pointers()));
  }
}

function shardsByReplica(members: readonly Member[]): Record<string, string> {
  return Object.fromEntries(members.map(({ replica, shards }) => [replica, shards.join(' ')]));
}
