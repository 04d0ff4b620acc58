/** `orrery sweep`: whole runs by seed and setting, here or by workers over NATS, and what they show together. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { formatTime } from '@orrery/spec';
import {
  combinationsIn,
  countOf,
  csvOf,
  ordersOf,
  seedsText,
  variedText,
  type RunResult,
  type Sweep,
} from '@orrery/simulator/sweep';
import type { NatsFlags } from '@orrery/simulator/over';
import {
  headOf,
  idOf,
  openResultFolder,
  sweepHere,
  sweepOver,
  type ResultFolder,
} from '@orrery/simulator/workers';
import { Refusal } from '../exit.ts';
import { failureLines, sweepChecks, sweepTable } from '../output/sweep-table.ts';
import { sweepProgress } from '../sweep/progress.ts';
import { prepareSweep } from '../sweep/prepare.ts';
import type { Terminal } from '../terminal.ts';

/** As commander gives them. */
export interface SweepFlags extends Partial<NatsFlags> {
  seeds: string;
  vary: string[];
  set: string[];
  for?: number;
  jobs?: number;
  id?: string;
  out?: string;
  csv?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** @returns 0 when every run ended and every check held, 1 otherwise */
export async function sweepCommand(terminal: Terminal, file: string, flags: SweepFlags): Promise<number> {
  checkPlace(flags);
  const request = { file, seeds: flags.seeds, vary: flags.vary, sets: flags.set, forNs: flags.for };
  const sweep = prepareSweep(terminal, request);
  const json = flags.json === true;
  if (!json) terminal.out(`${headOfSweep(sweep)}\n`);
  if (flags.dryRun === true) return listRuns(terminal, sweep, json);
  const folder = flags.out === undefined ? undefined : folderOr(flags.out, sweep);
  const begunMs = performance.now();
  const results = await gather(terminal, sweep, folder, flags);
  const wallSeconds = Math.round(performance.now() - begunMs) / 1000;
  return conclude(terminal, sweep, results, wallSeconds, flags);
}

async function gather(
  terminal: Terminal,
  sweep: Sweep,
  folder: ResultFolder | undefined,
  flags: SweepFlags,
): Promise<RunResult[]> {
  const results = new Map(folder?.done.map((result) => [result.key, result]));
  const progress = sweepProgress(terminal, countOf(sweep), results.size);
  const onResult = (result: RunResult): void => {
    folder?.keep(result);
    results.set(result.key, result);
    progress.at(results.size, result);
  };
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const common = { sweep, done: new Set(results.keys()), onResult, signal: interrupt.signal };
    const { nats, jobs = availableParallelism() } = flags;
    if (nats === undefined) await sweepHere({ ...common, jobs });
    else {
      const id = flags.id ?? idOf(headOf(sweep));
      terminal.err(`sweep ${id}`);
      await sweepOver({ ...common, id, access: { ...flags, nats }, onNotice: (text) => progress.say(text) });
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(error.message);
    if (flags.nats === undefined) throw error;
    throw new Refusal(`--nats ${flags.nats}: ${(error as Error).message}`, 1);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    progress.done();
  }
  const inOrder = [...ordersOf(sweep)].map(({ key }) => results.get(key));
  return inOrder.filter((result) => result !== undefined);
}

function conclude(
  terminal: Terminal,
  sweep: Sweep,
  results: readonly RunResult[],
  wallSeconds: number,
  flags: SweepFlags,
): number {
  const combinations = combinationsIn(sweep, results);
  const paths = sweep.varied.map(({ path }) => path);
  const total = countOf(sweep);
  const ended = results.length === total;
  if (flags.csv !== undefined) writeFileSync(flags.csv, csvOf(sweep, results));
  if (flags.json === true) {
    const { name: scenario, engine, seeds, varied } = sweep;
    const whole = { scenario, engine, seeds, varied, runs: total, ended, wallSeconds, combinations, results };
    terminal.out(JSON.stringify(whole));
  } else {
    for (const line of sweepTable(paths, combinations)) terminal.out(line);
    const checks = sweepChecks(paths, combinations);
    if (checks.length > 0) terminal.out('');
    for (const line of [...checks, ...failureLines(results)]) terminal.out(line);
    terminal.err(speedText(results, wallSeconds));
  }
  if (!ended) {
    const again = flags.out !== undefined || flags.nats !== undefined;
    const advice = again ? 'the same command does the rest' : 'nothing was kept (no --out)';
    terminal.err(`stopped after ${results.length} of ${runsText(total)}; ${advice}`);
    return 1;
  }
  return combinations.every(({ failed, held, runs }) => failed === 0 && held === runs) ? 0 : 1;
}

const runsText = (count: number) => `${count} run${count === 1 ? '' : 's'}`;

function headOfSweep(sweep: Sweep): string {
  const { name, seeds, varied, variations } = sweep;
  const length = formatTime(variations[0]?.scenario.durationNs ?? 0).slice(0, 8);
  const what = varied.length === 0 ? '' : `, ${variedText(varied)}`;
  return `${name} · seeds ${seedsText(seeds)}${what} · ${runsText(countOf(sweep))} of ${length}`;
}

function listRuns(terminal: Terminal, sweep: Sweep, json: boolean): number {
  for (const { key, seed, settings } of ordersOf(sweep)) {
    const set = Object.entries(settings).map(([path, value]) => `--set ${path}=${value} `);
    terminal.out(json ? JSON.stringify({ key, seed, settings }) : `${key}  ${set.join('')}--seed ${seed}`);
  }
  return 0;
}

/** How long it took, beside what the runs took one after the other. */
function speedText(results: readonly RunResult[], wallSeconds: number): string {
  const workers = new Set(results.map(({ worker }) => worker)).size;
  const summed = results.reduce((sum, result) => sum + result.wallSeconds, 0);
  const by = workers > 1 ? ` by ${workers} workers` : '';
  return `${runsText(results.length)}${by}, ${summed.toFixed(1)} s of running; ${wallSeconds.toFixed(1)} s this time`;
}

/** @throws Refusal on options that only make sense together */
function checkPlace({ jobs, nats, id }: SweepFlags): void {
  if (nats !== undefined && jobs !== undefined)
    throw new Refusal(
      'sweep: --jobs or --nats, not both: over a broker its workers say how many runs they do at once',
    );
  if (nats === undefined && id !== undefined) throw new Refusal('--id: needs --nats URL');
  if (id !== undefined && !/^[\w-]{1,64}$/.test(id))
    throw new Refusal(`--id: expected letters, digits, - and _, found "${id}"`);
}

function folderOr(path: string, sweep: Sweep): ResultFolder {
  try {
    return openResultFolder(path, sweep);
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(`--out ${error.message}`);
    throw error;
  }
}
