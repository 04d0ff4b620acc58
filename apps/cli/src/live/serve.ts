/** `orrery up`: one process that runs the datacenter, serves its control API, and tells its story. */
import { encodeSnapshot, LiveRun, StoryTeller, type LiveEnd } from '@orrery/simulator';
import { serveControl, type ControlServer } from '@orrery/headnode/adapters';
import { createTracing, type Tracing } from '@orrery/tracer/adapters';
import { Refusal } from '../exit.ts';
import { storyText } from '../output/story-printer.ts';
import type { Terminal } from '../terminal.ts';
import { nodeClock } from './node-clock.ts';
import type { LiveFolder } from './live-folder.ts';
import { readerProcess } from './reader-process.ts';
import { onSignals } from './signals.ts';

export interface ServeOptions {
  terminal: Terminal;
  folder: LiveFolder;
  listen: string;
  speed: number;
  paused: boolean;
  token: string | undefined;
  tls: { certificate: Uint8Array; key: Uint8Array } | undefined;
  otlp: string | undefined;
  /** Tell no story. */
  quiet: boolean;
  /** Told once it answers. */
  ready: (address: string) => void;
}

// Spans wait no longer than this for a batch to fill, ms.
const FLUSH_MS = 1000;

/** Serves until the run is ended from outside, or a signal suspends it. @throws HandlerFailure, LogError, TypeError */
export async function serve(options: ServeOptions): Promise<LiveEnd> {
  const { folder, listen, token, tls, otlp } = options;
  const tracing = otlp === undefined ? undefined : tracingOf(otlp, folder);
  const held: { server?: ControlServer } = {};
  const run = liveRun(options, tracing, () => held.server?.followers ?? 0);
  const server = await serveControl({ run, listen, token, tls }).catch((error: unknown) => {
    folder.log.writer.close();
    throw new Refusal(`--listen ${listen}: ${error instanceof Error ? error.message : String(error)}`, 1);
  });
  held.server = server;
  const signals = onSignals(() => {
    if (run.status().state !== 'ended') void run.end(true);
  });
  const flushing = setInterval(() => {
    if (run.status().state !== 'catching-up') tracing?.isAt(run.now, Date.now());
    tracing?.flush();
  }, FLUSH_MS);
  const over = run.run();
  options.ready(server.address);
  try {
    return await over;
  } finally {
    signals.stop();
    clearInterval(flushing);
    await server.close();
    await tracing?.finish(run.now);
  }
}

function liveRun(options: ServeOptions, tracing: Tracing | undefined, followers: () => number): LiveRun {
  const { terminal, folder, quiet, speed, paused } = options;
  const { scenario, resumed } = folder;
  const known = resumed?.upTo ?? 0;
  const story = quiet
    ? undefined
    : new StoryTeller((line) => terminal.out(storyText(terminal, line)), scenario);
  return new LiveRun({
    ...folder,
    clock: nodeClock,
    readers: readerProcess(folder.log.folder),
    encodeSnapshot,
    speed,
    paused,
    onFact: (fact) => {
      if (fact.time >= known) story?.observe(fact);
      tracing?.observeFact(fact);
    },
    onSpan:
      tracing === undefined
        ? undefined
        : (service, address, span) => tracing.observeSpan(service, address, span),
    figures: () => {
      const { exported = 0, sampledOut = 0, failed = 0 } = tracing?.counts ?? {};
      return {
        followers: followers(),
        spansExported: exported,
        spansSampledOut: sampledOut,
        spansFailed: failed,
      };
    },
  });
}

/** Spans of a live run are now: its first instant is so long ago as it has come. */
function tracingOf(otlp: string, { scenario, seed, resumed }: LiveFolder): Tracing {
  const sinceStart = BigInt(Math.round(resumed?.upTo ?? 0));
  const epochNs = BigInt(Date.now()) * 1_000_000n - sinceStart;
  const { datacenter, name } = scenario;
  return createTracing({ run: name, seed, otlp, datacenter, live: true, epochNs });
}
