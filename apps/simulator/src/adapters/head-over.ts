/** The headnode of a live datacenter whose services are processes over a broker: in this process, until it is ended or asked to go. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  awaitNats,
  createStreams,
  deleteStreams,
  leaseBucket,
  runRegistry,
  type NatsConnection,
} from '@orrery/bus/nats';
import type { RunRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import type { BusRun } from '../live/bus-run.ts';
import { liveHeadnodeRole } from '../process/adapters/live-headnode.ts';
import { readNatsFlags, type NatsFlags } from '../process/adapters/nats-access.ts';
import { ServiceProcess } from '../process/adapters/service.ts';
import type { ReplicaCounts } from '../parts/shards.ts';

export { BusRun } from '../live/bus-run.ts';
export type { Past } from '../parts/gather.ts';
export { addNatsOptions, type NatsFlags } from '../process/adapters/nats-access.ts';
export { replicasOf } from '../parts/shards.ts';
export { startServices } from './services-over.ts';
export { encodeShards } from './state-codec.ts';

/** Who is alive says so within this time, ms. */
const HEAR_MS = 2500;

export interface HeadOverOptions {
  run: BusRun;
  runId: string;
  scenario: Scenario;
  seed: number;
  access: NatsFlags;
  /** Replicas that are waited for before the first event; one of each service that is not named. */
  counts: ReplicaCounts;
  /** Whether a tracer is among the services. */
  traced: boolean;
  /** Wall time of the run's first instant, ms since 1970. */
  epochMs: number;
  /** Where /healthz, /readyz and /metrics are served. */
  http: { host: string; port: number } | undefined;
  log: Logger;
  /** Told once the run is the broker's. */
  onRegistered: () => void;
  /** Aborted when it is to go: what was said by then is stored first. */
  leave: AbortSignal;
}

/** @throws Error when the run cannot go on, or another datacenter is up on the broker */
export async function headOver(options: HeadOverOptions): Promise<void> {
  const { run, runId, access, http, log, leave } = options;
  const nats = readNatsFlags(access);
  const listener = {
    onWait: (reason: string) => log.warn({ reason }, 'waiting for the broker'),
    onChange: () => undefined,
  };
  const nc = await awaitNats({ ...nats, name: `orrery ${runId}` }, listener, leave);
  try {
    await register(nc, options);
  } finally {
    await nc.close();
  }
  options.onRegistered();
  const settings = {
    service: 'headnode' as const,
    replica: 'headnode',
    run: undefined,
    nats,
    natsUrl: access.nats,
    http,
    logLevel: 'info' as const,
  };
  await new ServiceProcess({ settings, role: liveHeadnodeRole(run), log, leave }).run();
}

/** Says on the broker that the run is over: services wait for the next. */
export async function sayEnded({ access, runId }: Pick<HeadOverOptions, 'access' | 'runId'>): Promise<void> {
  const nc = await awaitNats(
    readNatsFlags(access),
    { onWait: () => undefined, onChange: () => undefined },
    AbortSignal.timeout(HEAR_MS),
  );
  try {
    const registry = runRegistry(nc);
    const record = await registry.read();
    if (record?.id === runId) await registry.write({ ...record, ended: true });
  } finally {
    await nc.close();
  }
}

/** Makes this run the broker's, unless it is already. */
async function register(nc: NatsConnection, options: HeadOverOptions): Promise<void> {
  const { scenario, seed, runId: id, counts, traced, epochMs } = options;
  const registry = runRegistry(nc);
  const before = await registry.read();
  if (before?.id === id) return;
  if (before !== undefined && !before.ended) await mustBeGone(nc, before);
  await createStreams(nc, id, { live: epochMs > 0 });
  await registry.writeScenario(id, JSON.stringify(scenario));
  const replicas = Object.entries(counts).map(([service, count]) => ({ service, count }));
  await registry.write({ id, seed, name: scenario.name, replicas, traced, ended: false, epochMs });
  if (before !== undefined) await deleteStreams(nc, before.id);
}

async function mustBeGone(nc: NatsConnection, { id, name }: RunRecord): Promise<void> {
  let alive = false;
  const stop = leaseBucket(nc, id).hear(({ service }) => {
    if (service === 'headnode') alive = true;
  });
  await wait(HEAR_MS);
  stop();
  if (alive) throw new Error(`another datacenter is up on this broker: ${name} (run ${id})`);
}
