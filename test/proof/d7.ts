/** Must show d7: a sweep over a real broker has every result once, however its workers die, and each is its solo run's. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { loadScenario, type Scenario } from '@orrery/spec';
import { catalogue, Simulation } from '@orrery/simulator';
import type { RunResult } from '@orrery/simulator/sweep';
import { diskFiles } from '../../apps/cli/src/files.ts';
import { withBroker } from './broker.ts';
import { Draws } from './draws.ts';
import { orrery, root, type Ran } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const folder = join(root, 'scenarios/limping-disk');
const bin = join(root, 'apps/cli/bin/orrery.js');
const WORKERS = 2;
/** @param everyMs wall time between kills */
const SIZES = { full: { runs: 200, everyMs: 20_000 }, draw: { runs: 8, everyMs: 1000 } };
/** After a worker has done a run it has begun the next: it is killed so long after, ms. */
const INTO_RUN_MS = { least: 20, most: 300 };

export async function prove(options: ProofOptions): Promise<Proof> {
  const findings = new Findings(options.say);
  await withBroker(findings, options, ({ url }) => provesSweep(findings, options, url));
  return findings.proof();
}

async function provesSweep(findings: Findings, { full, seed }: ProofOptions, url: string): Promise<void> {
  const { runs, everyMs } = full ? SIZES.full : SIZES.draw;
  const draws = new Draws(seed, 'd7');
  const first = draws.between(1, 1_000_000);
  const crew = Array.from({ length: WORKERS }, () => new MortalWorker(url));
  try {
    const args = ['sweep', folder, '--seeds', `${first}..${first + runs - 1}`, '--nats', url, '--json'];
    const sweep = orrery(args);
    const kills = await killUntil(sweep, crew, { draws, everyMs, most: full ? Infinity : 1 });
    const results = resultsOf(await sweep);
    const keys = new Set(results.map(({ key }) => key));
    const what = `${runs} runs by ${WORKERS} workers, one killed with -9 ${kills} times`;
    findings.check(kills > 0, `${what} in the middle of a run`);
    findings.check(
      results.length === runs && keys.size === runs,
      `${what}: ${results.length} results of ${keys.size} runs`,
    );
    const wrong = wrongDigests(results);
    const told = wrong.length === 0 ? '' : `; not so ${wrong.join(', ')}`;
    findings.check(wrong.length === 0, `each digest is that of a solo run of its seed${told}`);
    for (const worker of crew) await worker.kill();
    const again = resultsOf(await orrery(args));
    const same = JSON.stringify(again) === JSON.stringify(results);
    findings.check(same, `the same command again, without a worker: the same ${again.length} results`);
  } finally {
    for (const worker of crew) await worker.kill();
  }
}

/** Kills one worker after the other, and starts it again, until the sweep has ended. @returns how often */
async function killUntil(
  sweep: Promise<Ran>,
  crew: readonly MortalWorker[],
  { draws, everyMs, most }: { draws: Draws; everyMs: number; most: number },
): Promise<number> {
  const state = { ended: false };
  const over = sweep.finally(() => (state.ended = true));
  let kills = 0;
  while (!state.ended && kills < most) {
    await Promise.race([over, setTimeout(everyMs)]);
    const worker = crew[kills % crew.length];
    await Promise.race([over, worker.nextRun()]);
    await setTimeout(draws.between(INTO_RUN_MS.least, INTO_RUN_MS.most));
    if (state.ended) break;
    await worker.kill();
    worker.start();
    kills++;
  }
  await over;
  return kills;
}

/** A worker process that is killed and started again. */
class MortalWorker {
  private readonly url: string;
  private child: ChildProcess;

  constructor(url: string) {
    this.url = url;
    this.child = this.start();
  }

  start(): ChildProcess {
    const args = [bin, 'worker', '--nats', this.url, '--jobs', '1'];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.child.stdout?.resume();
    return this.child;
  }

  /** Resolves when it says that it has done one. */
  nextRun(): Promise<void> {
    return new Promise((resolve) => this.child.stdout?.once('data', () => resolve()));
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

/** @throws when the last line is no object, with what was printed instead */
function resultsOf({ out, err, code, signal }: Ran): RunResult[] {
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`no summary, exit ${code ?? signal}: ${err.trim()}`);
  return (JSON.parse(last) as { results: RunResult[] }).results;
}

/** Seeds whose result is not that of a run by itself. */
function wrongDigests(results: readonly RunResult[]): string[] {
  const loaded = loadScenario(diskFiles, join(folder, 'scenario.yaml'), catalogue);
  if (!loaded.ok) throw new Error(`${folder} cannot be loaded`);
  return results.flatMap(({ seed, digest, error }) => {
    const solo = digestOf(loaded.value, seed);
    return solo === digest ? [] : [`seed ${seed}: ${digest}${error}, by itself ${solo}`];
  });
}

function digestOf(scenario: Scenario, seed: number): string {
  const simulation = new Simulation({ scenario, seed });
  simulation.advance(scenario.durationNs);
  return simulation.digest();
}
