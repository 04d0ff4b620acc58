/** The headnode's process of a live datacenter: its replica, driven by the control API's run, and the readers of the services' facts. */
import { setTimeout } from 'node:timers/promises';
import type { FactPage, OpenBroker } from '@orrery/bus';
import { natsBus } from '@orrery/bus/nats';
import type { BusRun, HeadReplica } from '../../live/bus-run.ts';
import type { Role, RunContext, RunningRole } from '../role.ts';
import { startReplica, type RunningReplica } from './start-replica.ts';

/** Wall time between looks for more facts, ms. */
const LOOK_MS = 25;
/** Wall time between purges of facts that are in the log, ms. */
const PURGE_MS = 5000;
/** Wall time between looks for what a shard has not saved yet, ms. */
const COLLECT_MS = 250;
/** Facts are left to other readers for so long after they are in the log, simulated ns. */
const KEPT_NS = 60_000_000_000;

/** The role of a headnode whose boundaries are closed by `run`. */
export function liveHeadnodeRole(run: BusRun): Role {
  return async (context) => {
    const replica = await startReplica(context, {
      onClose: () => run.onClose(),
      onStored: (message) => run.onStored(message),
    });
    run.attach(headOf(replica, context));
    run.onClose();
    const reading = new Reading(context, run, replica.plan.services);
    return withReading(replica, reading);
  };
}

function headOf(replica: RunningReplica, { leases }: RunContext): HeadReplica {
  const { runner, closing } = replica;
  if (closing === undefined) throw new TypeError('only a headnode closes boundaries');
  return {
    get closable() {
      return runner.closing?.boundary;
    },
    close: (options) => replica.closeBoundary(options),
    submit: (command) => closing.submit(command),
    revertAt: (faultId) => closing.revertAt(faultId),
    spans: () => leases().find(({ spans }) => spans !== undefined)?.spans,
  };
}

function withReading(replica: RunningReplica, reading: Reading): RunningRole {
  return {
    over: Promise.race([replica.over, reading.failed]),
    notReady: () => replica.notReady(),
    members: () => replica.members(),
    drain: () => replica.drain(),
    stop: async () => {
      await reading.stop();
      await replica.stop();
    },
  };
}

/** Reads what the services say, page by page, for ever. */
class Reading {
  /** Rejects with what was said and cannot be. */
  readonly failed: Promise<void>;
  private readonly context: RunContext;
  private readonly run: BusRun;
  /** The service of each shard. */
  private readonly services: readonly string[];
  private readonly done: Promise<void>;
  private stopped = false;
  /** What shards saved of the snapshot that the log wants, from the first shard on. */
  private saved: { number: number; shards: Uint8Array[] } = { number: 0, shards: [] };
  /** Wall time of the next look for more of them. */
  private collectMs = 0;
  /** Pages that are not purged yet: where the next begins, and the time that their facts reach, ns. */
  private readonly pages: { next: number; upTo: number }[] = [];

  constructor(context: RunContext, run: BusRun, services: readonly string[]) {
    this.context = context;
    this.run = run;
    this.services = services;
    this.done = this.read();
    this.failed = new Promise((_, fail) => {
      this.done.catch(fail);
    });
    this.failed.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done.catch(() => undefined);
  }

  private async read(): Promise<void> {
    const { connection, record } = this.context;
    const broker = await natsBus(connection, record.id).open('recorder');
    let purgedMs = performance.now();
    for (let from = 0; !this.stopped;) {
      const page = await broker.readFacts(from);
      this.run.take(page.batches);
      this.note(page, from);
      if (page.next === from) await setTimeout(LOOK_MS);
      from = page.next;
      await this.collect(broker);
      if (performance.now() - purgedMs < PURGE_MS) continue;
      purgedMs = performance.now();
      await this.purge(broker);
    }
    await broker.close();
  }

  /** Gets another shard of the snapshot that the log wants; all of them are kept at once. */
  private async collect(broker: OpenBroker): Promise<void> {
    const wanted = this.run.wantedSnapshot;
    if (wanted === undefined || performance.now() < this.collectMs) return;
    const { number } = wanted;
    if (this.saved.number !== number) this.saved = { number, shards: [] };
    const { shards } = this.saved;
    const bytes = await broker.savedShard(number, shards.length);
    if (bytes === undefined) this.collectMs = performance.now() + COLLECT_MS;
    else shards.push(bytes);
    if (shards.length < this.services.length || this.run.wantedSnapshot?.number !== number) return;
    const own = this.services.indexOf('headnode');
    this.run.keepSnapshot(
      shards[own],
      shards.filter((_, shard) => shard !== own),
    );
    this.saved = { number: 0, shards: [] };
  }

  private note({ batches, next }: FactPage, from: number): void {
    if (next > from) this.pages.push({ next, upTo: Math.max(0, ...batches.map(({ upTo }) => upTo)) });
  }

  private async purge(broker: OpenBroker): Promise<void> {
    const last = this.pages.findLastIndex(({ upTo }) => upTo + KEPT_NS <= this.run.logged);
    if (last < 0) return;
    await broker.purgeFacts(this.pages[last].next);
    this.pages.splice(0, last + 1);
  }
}
