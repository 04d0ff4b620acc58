/** `orrery up --nats`: the headnode of a datacenter whose services are other processes; serves the control API, tells the story. */
import { pino, type Logger } from 'pino';
import { parseListen, serveControl, type ControlServer } from '@orrery/headnode/adapters';
import { StoryTeller } from '@orrery/simulator';
import {
  BusRun,
  encodeShards,
  headOver,
  sayEnded,
  startServices,
  type NatsFlags,
} from '@orrery/simulator/head';
import { Refusal } from '../exit.ts';
import { storyText } from '../output/story-printer.ts';
import type { Terminal } from '../terminal.ts';
import { nodeClock } from './node-clock.ts';
import type { AppendedFolder } from './live-folder.ts';
import { readerProcess } from './reader-process.ts';
import { onSignals } from './signals.ts';

export interface ServeOverOptions {
  terminal: Terminal;
  folder: AppendedFolder;
  access: NatsFlags;
  counts: Readonly<Record<string, number>>;
  /** Services that are started here; none: they are elsewhere. */
  replicas: readonly { replica: string; service: string }[];
  traced: boolean;
  otlp: string | undefined;
  /** `HOST:PORT` of /healthz, /readyz and /metrics. */
  http: string | undefined;
  listen: string;
  speed: number;
  paused: boolean;
  token: string | undefined;
  tls: { certificate: Uint8Array; key: Uint8Array } | undefined;
  quiet: boolean;
  ready: (address: string) => void;
}

export type EndOver = Awaited<BusRun['over']>;

/** Serves until the run is ended from outside, or a signal suspends it. @throws Refusal */
export async function serveOver(options: ServeOverOptions): Promise<EndOver> {
  const { folder, listen, token, tls, access } = options;
  const held: { server?: ControlServer } = {};
  const run = busRun(options, () => held.server?.followers ?? 0);
  const leave = new AbortController();
  const log = pino(
    { level: process.env.ORRERY_LOG_LEVEL ?? 'warn', base: { service: 'headnode' } },
    pino.destination(2),
  );
  const server = await serveControl({ run, listen, token, tls }).catch((error: unknown) => {
    folder.log.writer.close();
    throw new Refusal(`--listen ${listen}: ${error instanceof Error ? error.message : String(error)}`, 1);
  });
  held.server = server;
  const signals = onSignals(() => void run.end(true));
  const stopServices = services(options);
  const head = headOver({
    ...headOptions(options, run, log),
    leave: leave.signal,
    onRegistered: () => options.ready(server.address),
  });
  try {
    const end = await Promise.race([run.over, head.then(() => run.over)]);
    leave.abort();
    await head;
    if (!end.suspended) await sayEnded({ access, runId: folder.runId });
    return end;
  } catch (error) {
    folder.log.writer.close();
    throw new Refusal(`--nats: ${(error as Error).message}`, 1);
  } finally {
    leave.abort();
    signals.stop();
    await stopServices();
    await server.close();
  }
}

function headOptions(
  { folder, access, counts, traced, http }: ServeOverOptions,
  run: BusRun,
  log: Logger,
): Omit<Parameters<typeof headOver>[0], 'leave' | 'onRegistered'> {
  const { scenario, seed, runId } = folder;
  const place = http === undefined ? undefined : parseListen(http);
  return { run, runId, scenario, seed, access, counts, traced, epochMs: Date.now(), http: place, log };
}

function services({ access, replicas, otlp }: ServeOverOptions): () => Promise<void> {
  const env: Record<string, string> = otlp === undefined ? {} : { ORRERY_OTLP_URL: otlp };
  return startServices({ access, replicas, env });
}

function busRun(
  { terminal, folder, quiet, speed, paused }: ServeOverOptions,
  followers: () => number,
): BusRun {
  const { scenario, past } = folder;
  const story = quiet
    ? undefined
    : new StoryTeller((line) => terminal.out(storyText(terminal, line)), scenario);
  return new BusRun({
    ...folder,
    past,
    clock: nodeClock,
    encodeShards,
    readers: readerProcess(folder.log.folder),
    speed,
    paused,
    onFact: (fact) => story?.observe(fact),
    figures: () => ({ followers: followers() }),
  });
}
