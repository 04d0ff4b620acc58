/** A run whose services are processes on this machine, over a broker: starts them, waits, gathers what they said. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { OpenBroker } from '@orrery/bus';
import {
  connectNats,
  createStreams,
  deleteStreams,
  leaseBucket,
  natsBus,
  runRegistry,
  type NatsConnection,
} from '@orrery/bus/nats';
import type { Scenario } from '@orrery/spec';
import { gatherer, type Gatherer, type GathererOptions } from '../parts/gather.ts';
import { replicasOf, type NamedReplica, type ReplicaCounts } from '../parts/shards.ts';
import { natsEnvironment, readNatsFlags, type NatsFlags } from '../process/adapters/nats-access.ts';
import { gatherRecords, type RunTracer } from './gather-records.ts';
import { entry, execArgv } from './entry.ts';
import type { Report } from './report.ts';

export type { RunTracer } from './gather-records.ts';
export { withoutPassword } from '@orrery/bus/nats';
export { addNatsOptions, type NatsFlags } from '../process/adapters/nats-access.ts';

/** Wall time between looks for more facts, ms. */
const LOOK_MS = 20;
/** Wall time between looks whether the run's record is there, ms. */
const REGISTER_MS = 1000;
/** Wall time between purges of facts that were read, ms. */
const PURGE_MS = 2000;

/** What is told comes in the run's order, while it goes on. */
export interface RunOverOptions extends Pick<GathererOptions, 'onFact' | 'onCommand' | 'onWindow'> {
  scenario: Scenario;
  seed: number;
  /** Where the broker is, and as whom it is entered. */
  access: NatsFlags;
  counts: ReplicaCounts;
  /** Is told what a tracer of a run in one process is told; the run waits for it. */
  tracer?: RunTracer;
  /** Hears how far the run is, simulated ns. */
  onProgress?: (time: number) => void;
  /** Hears of each process that is started. */
  onStart?: (replica: string, pid: number | undefined) => void;
  /** Ends the run early: its processes are killed and what the broker has of it is removed. */
  signal?: AbortSignal;
}

export interface RanOver {
  /** 16 hex digits, as of one process. */
  digest: string;
  /** Events delivered. */
  events: number;
}

/**
 * Runs to the end. A process that is killed is started again.
 * @throws Error when a replica stops or the run is ended early, RangeError on replicas that cannot be
 */
export async function runOver(options: RunOverOptions): Promise<RanOver> {
  const { scenario, access, signal, tracer } = options;
  const replicas = replicasOf(scenario, options.counts);
  const run = `r${randomUUID()}`;
  const nc = await connectNats({ ...readNatsFlags(access), waitOnFirstConnect: false });
  let unregister = (): void => undefined;
  try {
    unregister = await prepare(nc, run, options);
    const gathered = gatherer(options);
    const over = { yes: false };
    const bus = natsBus(nc, run);
    const gathering = Promise.all([
      gather(await bus.open('reader'), gathered, over),
      tracer && gatherRecords({ reader: await bus.open('tracer'), scenario, tracer, over }),
    ]);
    gathering.catch(() => undefined);
    await Promise.race([processesOf(run, replicas, options), gathering]);
    signal?.throwIfAborted();
    over.yes = true;
    await gathering;
    if (gathered.upTo < scenario.durationNs)
      throw new RangeError(`what was said ends at ${gathered.upTo} ns, the run at ${scenario.durationNs} ns`);
    return { digest: gathered.digest(), events: gathered.events };
  } finally {
    unregister();
    await deleteStreams(nc, run);
    await runRegistry(nc, run).remove(run);
    await leaseBucket(nc, run).forget();
    await nc.close();
  }
}

/** All that the replicas expect to find. @returns writes it again if another run's end has taken it away, until stopped */
async function prepare(nc: NatsConnection, run: string, options: RunOverOptions): Promise<() => void> {
  const { scenario, seed, counts, tracer } = options;
  const traced = tracer !== undefined;
  const registry = runRegistry(nc, run);
  const replicas = Object.entries(counts).map(([service, count]) => ({ service, count }));
  const { name } = scenario;
  const write = async (): Promise<void> => {
    await registry.writeScenario(run, JSON.stringify(scenario));
    await registry.write({ id: run, seed, name, replicas, traced, ended: false, epochMs: 0 });
  };
  await createStreams(nc, run);
  await write();
  const timer = setInterval(() => {
    void registry
      .read()
      .then((record) => (record === undefined ? write() : undefined))
      .catch(() => undefined);
  }, REGISTER_MS);
  return () => clearInterval(timer);
}

/** Reads what the replicas say while they say it, until the run is over and all is read. */
async function gather(reader: OpenBroker, gathered: Gatherer, over: { yes: boolean }): Promise<void> {
  let purgedMs = performance.now();
  for (let from = 0; ;) {
    const last = over.yes;
    const { batches, next } = await reader.readFacts(from);
    for (const batch of batches) gathered.add(batch);
    if (next === from && last) break;
    if (performance.now() - purgedMs > PURGE_MS) {
      await reader.purgeFacts(next);
      purgedMs = performance.now();
    }
    if (next === from) await setTimeout(LOOK_MS);
    from = next;
  }
  await reader.close();
}

/** Runs every replica until all are over. */
async function processesOf(
  run: string,
  replicas: readonly NamedReplica[],
  { access, onProgress, onStart, signal }: RunOverOptions,
): Promise<void> {
  const children = new Set<ChildProcess>();
  const env = childEnvironment(access);
  const live = ({ replica, service }: NamedReplica): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(entry, [service, '--run', run, '--replica', replica], {
        execArgv: [...execArgv],
        env,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      children.add(child);
      onStart?.(replica, child.pid);
      let over = false;
      child.on('message', (report: Report) => {
        if (report.is === 'at') onProgress?.(report.time);
        else if (report.is === 'stopped') reject(new Error(report.detail));
        else over = true;
      });
      child.once('error', reject);
      child.once('exit', (code, killedBy) => {
        children.delete(child);
        if (over) resolve();
        else if (killedBy === null) reject(new Error(`${replica} ended with ${code}`));
        else if (signal?.aborted === true) reject(signal.reason as Error);
        else live({ replica, service }).then(resolve, reject);
      });
    });
  const kill = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', kill);
  try {
    await Promise.all(replicas.map(live));
  } finally {
    signal?.removeEventListener('abort', kill);
    for (const child of children) child.removeAllListeners('exit');
    kill();
  }
}

/** What is set for services deployed on this machine is not for these; only how much they log is. */
function childEnvironment(access: NatsFlags): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('ORRERY_'));
  return {
    ...Object.fromEntries(own),
    ...natsEnvironment(access),
    ORRERY_LOG_LEVEL: process.env.ORRERY_LOG_LEVEL ?? 'silent',
  };
}
