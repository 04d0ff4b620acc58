/** One run whose services are processes over a broker, told and summed up as a run in this process is. */
import type { HostFact } from '@orrery/actor';
import { SECOND } from '@orrery/kernel';
import type { Scenario } from '@orrery/spec';
import type { LogWriter } from '@orrery/log';
import { Observer, recorderOf } from '@orrery/simulator';
import type { Tracing } from '@orrery/tracer/adapters';
import { runOver, withoutPassword } from '@orrery/simulator/over';
import { Refusal } from '../exit.ts';
import type { Progress } from '../output/progress.ts';
import { storyHead } from '../output/story-printer.ts';
import { createReportCollector } from '../report/index.ts';
import type { Terminal } from '../terminal.ts';
import type { RunOptions } from './options.ts';
import { NO_SPANS, storyOf, type SessionResult } from './session.ts';

export interface OverNats {
  scenario: Scenario;
  seed: number;
  terminal: Terminal;
  progress: Progress;
  options: RunOptions & { nats: string };
  tracing: Tracing | undefined;
  log: LogWriter | undefined;
}

/** @throws Refusal on a broker that is not there, replicas that cannot be, or an interrupt */
export async function runOverNats(over: OverNats): Promise<SessionResult> {
  const { scenario, seed, terminal, progress, options, tracing, log } = over;
  const { nats, access, replicas, json, report: wanted } = options;
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort(new Refusal(`stopped; ${adviceOf(options.log)}`, 1));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const begunMs = performance.now();
  try {
    const { signal } = interrupt;
    const onProgress = (time: number): void => progress.at(time);
    const observer = new Observer(scenario);
    const report = wanted === undefined ? undefined : createReportCollector(scenario);
    const story = storyOf({ quiet: json, scenario, terminal, progress });
    const told = { facts: 0, commands: 0 };
    const onFact = (fact: HostFact): void => {
      told.facts++;
      observer.observe(fact);
      story?.observe(fact);
      report?.observe(fact);
    };
    const onCommand = (): void => void told.commands++;
    const recorder = log && recorderOf(log);
    if (story !== undefined) terminal.out(storyHead());
    const ran = await runOver({
      scenario,
      seed,
      access: { ...access, nats },
      counts: replicas,
      tracer: tracing,
      onProgress,
      onFact,
      onCommand,
      onWindow: (window) => recorder?.write(window),
      signal,
    });
    const wallSeconds = (performance.now() - begunMs) / 1000;
    const spans = (await tracing?.finish(scenario.durationNs)) ?? NO_SPANS;
    log?.end({ time: scenario.durationNs, digest: ran.digest, events: ran.events });
    story?.flush();
    progress.done();
    const simulation = {
      now: scenario.durationNs,
      facts: told.facts,
      commandsTaken: told.commands,
      host: { events: ran.events },
      digest: () => ran.digest,
    };
    const simSeconds = scenario.durationNs / SECOND;
    return { simulation, observer, report, spans, wallSeconds, simSeconds, ended: true };
  } catch (error) {
    progress.done();
    throw error instanceof Refusal
      ? error
      : new Refusal(`--nats ${withoutPassword(nats)}: ${(error as Error).message}`, 1);
  } finally {
    log?.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** The log of a run over a broker is that of one process, which can go on with it. */
function adviceOf(log: string | undefined): string {
  return log === undefined ? 'nothing of the run was kept' : `go on with: orrery run --resume ${log}`;
}

/** `compute-node=3,storage=2`. @throws Refusal */
export function parseReplicas(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of text.split(',')) {
    const found = /^([a-z-]+)=([1-9]\d?)$/.exec(each);
    if (found === null)
      throw new Refusal(`--replicas: expected for instance compute-node=3,storage=2, found "${text}"`);
    counts[found[1]] = Number(found[2]);
  }
  return counts;
}
