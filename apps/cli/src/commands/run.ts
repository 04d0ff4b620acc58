/** `orrery run`: a scenario or a datacenter from its first event to its last. */
import { writeFileSync } from 'node:fs';
import { formatTime } from '@orrery/spec';
import type { Scenario } from '@orrery/spec';
import { createTracing, type Tracing } from '@orrery/tracer/adapters';
import { renderReport } from '../report/index.ts';
import { Refusal } from '../exit.ts';
import { headline } from '../output/headline.ts';
import { runProgress } from '../output/progress.ts';
import type { RunOptions } from '../run/options.ts';
import { runOverNats } from '../run/over-nats.ts';
import { prepareResume, prepareRun, type Prepared } from '../run/prepare.ts';
import { runSession, type SessionResult } from '../run/session.ts';
import { speedLine, summaryLines, summaryObject } from '../run/summary.ts';
import type { Terminal } from '../terminal.ts';

/** @returns 0 when the run ended and every check held, 1 otherwise */
export async function runCommand(
  terminal: Terminal,
  request: { file: string } | { resume: string },
  options: RunOptions,
): Promise<number> {
  const prepared =
    'file' in request ? prepareRun(terminal, request.file, options) : prepareResume(request.resume, options);
  const { scenario, seed, cut } = prepared;
  if (cut !== undefined) {
    terminal.err(
      cut.cutBytes === 0
        ? `${cut.file}: ${cut.reason}; going on from ${formatTime(cut.upTo)}`
        : `${cut.file}: cut ${cut.cutBytes} bytes at ${cut.offset} (${cut.reason}); going on from ${formatTime(cut.upTo)}`,
    );
  }
  if (prepared.ended) terminal.err('this run has ended; here is its end again');
  if (!options.json) terminal.out(`${headline(scenario, seed)}\n`);
  const result = await runPrepared(terminal, prepared, options);
  if (options.report !== undefined && result.report !== undefined) {
    writeFileSync(
      options.report,
      renderReport(result.report.data(seed, result.simulation.digest(), result.observer)),
    );
  }
  return conclude(
    terminal,
    scenario,
    seed,
    options,
    result,
    'resume' in request ? request.resume : options.log,
  );
}

async function runPrepared(
  terminal: Terminal,
  prepared: Prepared,
  options: RunOptions,
): Promise<SessionResult> {
  const { scenario, seed } = prepared;
  const progress = runProgress(terminal, scenario.durationNs, !options.json);
  const { nats } = options;
  const tracing = tracingOf(prepared, options);
  const result =
    nats !== undefined
      ? await runOverNats({
          scenario,
          seed,
          terminal,
          progress,
          tracing,
          log: prepared.log,
          options: { ...options, nats },
        })
      : await runSession({
          scenario,
          seed,
          terminal,
          progress,
          quiet: options.json,
          speed: options.speed,
          log: prepared.log,
          tracing,
          report: options.report !== undefined,
          from: prepared.from,
          past: prepared.past,
          logged: prepared.logged,
        });
  for (const failure of tracing?.failures ?? []) {
    terminal.err(`spans not exported: ${failure.spans}, ${failure.sink}: ${failure.message}`);
  }
  return result;
}

function tracingOf({ scenario, seed }: Prepared, { otlp, traceFile }: RunOptions): Tracing | undefined {
  if (otlp === undefined && traceFile === undefined) return undefined;
  const { name, datacenter } = scenario;
  return createTracing({ run: name, seed, otlp, file: traceFile, datacenter });
}

function conclude(
  terminal: Terminal,
  scenario: Scenario,
  seed: number,
  options: RunOptions,
  result: SessionResult,
  log: string | undefined,
): number {
  const failed = result.observer.checks().filter((check) => !check.ok);
  if (options.json) {
    terminal.out(JSON.stringify(summaryObject(scenario, seed, result)));
  } else if (result.ended) {
    for (const line of summaryLines(scenario, result)) terminal.out(line);
    terminal.err(speedLine(result));
    if (options.report !== undefined) terminal.err(`report: ${options.report}`);
    terminal.out(`seed ${seed} digest ${result.simulation.digest()}`);
  }
  if (!result.ended) {
    const advice =
      log === undefined ? 'nothing was kept (no --log)' : `go on with: orrery run --resume ${log}`;
    terminal.err(`stopped at ${formatTime(result.simulation.now)}; ${advice}`);
    return 1;
  }
  return failed.length === 0 ? 0 : 1;
}

/** Checks options that only make sense together. @throws Refusal */
export function checkRunRequest(
  file: string | undefined,
  resume: string | undefined,
  options: RunOptions,
): void {
  if ((file === undefined) === (resume === undefined)) {
    throw new Refusal('run: give a FILE, or --resume DIR');
  }
  if (
    resume !== undefined &&
    (options.log !== undefined || options.seed !== undefined || options.sets.length > 0)
  ) {
    throw new Refusal('run --resume: log, seed and settings are those of the run that is resumed');
  }
  checkOverNats(resume, options);
}

/** @throws Refusal on what only a run in one process can do */
function checkOverNats(resume: string | undefined, options: RunOptions): void {
  if (options.nats === undefined) {
    if (Object.keys(options.replicas).length > 0) throw new Refusal('--replicas: needs --nats URL');
    return;
  }
  const { from, speed } = options;
  const asked = { '--resume': resume, '--from': from };
  const refused = Object.entries(asked).find(([, value]) => value !== undefined)?.[0];
  if (refused !== undefined) throw new Refusal(`run --nats: ${refused} is for a run in one process`);
  if (speed !== Infinity) throw new Refusal('run --nats: --speed is for a run in one process');
}
