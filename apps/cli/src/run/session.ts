/**
 * One run from its first event to its last, with everything that listens to it: story, tables, tracer, report, log.
 * Listeners are told and never asked: nothing here can change a digest.
 */
import { SECOND } from '@orrery/kernel';
import type { HostFact } from '@orrery/actor';
import type { LogWriter } from '@orrery/log';
import type { CommandRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import {
  encodeSnapshot,
  Observer,
  Simulation,
  StoryTeller,
  type SimulationSnapshot,
} from '@orrery/simulator';
import type { SpanCounts, Tracing } from '@orrery/tracer/adapters';
import { createReportCollector, type ReportCollector } from '../report/index.ts';
import { storyHead, storyText } from '../output/story-printer.ts';
import type { Terminal } from '../terminal.ts';
import type { Progress } from '../output/progress.ts';

export interface SessionOptions {
  scenario: Scenario;
  seed: number;
  terminal: Terminal;
  progress: Progress;
  /** Story and tables are left out. */
  quiet: boolean;
  speed: number;
  log: LogWriter | undefined;
  tracing: Tracing | undefined;
  report: boolean;
  from: SimulationSnapshot | undefined;
  /** Facts from before `from`, for what speaks of the whole run. */
  past: Iterable<HostFact>;
  /** Commands of its log, to be taken again. */
  logged: Iterable<CommandRecord>;
}

/** What is said of a run at its end. */
export interface RunEnd {
  /** Simulated time reached, ns. */
  readonly now: number;
  readonly facts: number;
  readonly commandsTaken: number;
  readonly host: { readonly events: number };
  digest(): string;
}

export interface SessionResult {
  simulation: RunEnd;
  observer: Observer;
  report: ReportCollector | undefined;
  spans: SpanCounts;
  wallSeconds: number;
  simSeconds: number;
  /** Whether it ended by itself; false: it was told to stop. */
  ended: boolean;
}

/** Simulated time between looks at the wall clock, the exporter and the signal. */
const SLICE_NS = SECOND;
export const NO_SPANS: SpanCounts = { made: 0, exported: 0, sampledOut: 0, failed: 0, pending: 0 };

export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const { scenario, terminal, tracing, progress } = options;
  const observer = new Observer(scenario);
  const report = options.report ? createReportCollector(scenario) : undefined;
  const story = storyOf(options);
  for (const fact of options.past) {
    observer.observe(fact);
    report?.observe(fact);
  }
  const simulation = new Simulation({
    scenario,
    seed: options.seed,
    log: options.log,
    encodeSnapshot,
    from: options.from,
    logged: options.logged,
    onFact: (fact: HostFact) => {
      observer.observe(fact);
      story?.observe(fact);
      report?.observe(fact);
      tracing?.observeFact(fact);
    },
    onSpan:
      tracing === undefined
        ? undefined
        : (service, address, span) => tracing.observeSpan(service, address, span),
  });
  if (story !== undefined) terminal.out(storyHead());
  const interrupt = listenForInterrupt();
  const begun = { wall: performance.now(), simulated: simulation.now };
  while (simulation.now < scenario.durationNs && !interrupt.asked) {
    simulation.advance(Math.min(scenario.durationNs, simulation.now + SLICE_NS));
    progress.at(simulation.now);
    if (tracing?.full === true) await tracing.drain();
    else await pace(options.speed, simulation.now - begun.simulated, performance.now() - begun.wall);
  }
  const wallSeconds = (performance.now() - begun.wall) / 1000;
  story?.flush();
  progress.done();
  interrupt.stop();
  const ended = simulation.now >= scenario.durationNs;
  if (ended) simulation.end();
  else options.log?.close();
  const spans = tracing === undefined ? NO_SPANS : await tracing.finish(simulation.now);
  const simSeconds = (simulation.now - begun.simulated) / SECOND;
  return { simulation, observer, report, spans, wallSeconds, simSeconds, ended };
}

export function storyOf({
  quiet,
  scenario,
  terminal,
  progress,
}: Pick<SessionOptions, 'quiet' | 'scenario' | 'terminal' | 'progress'>): StoryTeller | undefined {
  if (quiet || !scenario.print.story) return undefined;
  return new StoryTeller((line) => {
    progress.clear();
    terminal.out(storyText(terminal, line));
  }, scenario);
}

/** Waits until the wall clock has caught up with simulated time at `speed`; gives signals their turn in any case. */
async function pace(speed: number, simulatedNs: number, wallMs: number): Promise<void> {
  const ahead = speed === Infinity ? 0 : simulatedNs / 1e6 / speed - wallMs;
  await new Promise<void>((resolve) => {
    if (ahead > 1) setTimeout(resolve, ahead);
    else setImmediate(resolve);
  });
}

function listenForInterrupt(): { readonly asked: boolean; stop: () => void } {
  const state = { asked: false };
  const ask = () => {
    state.asked = true;
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  return {
    get asked() {
      return state.asked;
    },
    stop: () => {
      process.off('SIGINT', ask);
      process.off('SIGTERM', ask);
    },
  };
}
