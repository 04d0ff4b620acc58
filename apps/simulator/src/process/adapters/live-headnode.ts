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
    const reading = new Reading(context, run);
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
  private readonly done: Promise<void>;
  private stopped = false;
  /** Pages that are not purged yet: where the next begins, and the time that their facts reach, ns. */
  private readonly pages: { next: number; upTo: number }[] = [];

  constructor(context: RunContext, run: BusRun) {
    this.context = context;
    this.run = run;
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
      if (performance.now() - purgedMs < PURGE_MS) continue;
      purgedMs = performance.now();
      await this.purge(broker);
    }
    await broker.close();
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
