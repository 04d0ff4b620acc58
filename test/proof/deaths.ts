/** A run killed with -9, at a random moment or in the middle of a write, and resumed until it ends. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Draws } from './draws.ts';
import { orrery, summaryOf } from './orrery.ts';
import type { Findings } from './proof.ts';

export interface Subject {
  name: string;
  /** How it is run, without a log. */
  args: readonly string[];
  /** Digest of the run undisturbed. */
  expected: string;
  /** How long that took, wall. */
  seconds: number;
  /** And simulated: a batch is written every second, a snapshot every minute but the last. */
  simSeconds: number;
  scratch: string;
}

type Death = { at: string } | { afterMs: number };

/** How often it dies before it may end, at most. */
const DEATHS_MAX = 3;

export async function provesDeaths(
  findings: Findings,
  subject: Subject,
  count: number,
  seed: number,
): Promise<void> {
  const draws = new Draws(seed, `deaths of ${subject.name}`);
  const wrong: string[] = [];
  const kinds = { moment: 0, batch: 0, snapshot: 0, rename: 0 };
  for (let n = 0; n < count; n++) {
    const told = await dieAndResume(subject, draws, n, kinds);
    if (told !== undefined) wrong.push(`death ${n + 1} (${told})`);
  }
  const where = `${kinds.moment} at a moment, in writes of ${kinds.batch} batches, ${kinds.snapshot} snapshots, ${kinds.rename} renames`;
  const what = `${subject.name}: killed ${count} times (${where}; seed ${seed}) and resumed`;
  findings.check(
    wrong.length === 0,
    wrong.length === 0 ? `${what}: the same digest` : `${what}: ${wrong.join(', ')}`,
  );
}

/** @returns what went wrong; undefined: nothing */
async function dieAndResume(
  subject: Subject,
  draws: Draws,
  n: number,
  kinds: Record<'moment' | 'batch' | 'snapshot' | 'rename', number>,
): Promise<string | undefined> {
  const log = join(subject.scratch, `${subject.name}-death`);
  const told: string[] = [];
  let args = [...subject.args, '--log', log];
  for (let left = draws.between(1, DEATHS_MAX); ; left--) {
    const dies = left > 0;
    const death =
      told.length === 0 ? deathOf(n, subject, draws) : deathOf(draws.between(0, 7), subject, draws);
    const dying = dies && 'at' in death ? ['--crash-at', death.at] : [];
    const ran = await orrery(
      [...args, ...dying],
      dies && 'afterMs' in death ? { killAfterMs: death.afterMs } : {},
    );
    if (ran.signal !== 'SIGKILL') {
      rmSync(log, { recursive: true, force: true });
      const found = ran.out.includes('"digest"')
        ? summaryOf(ran).digest
        : `exit ${ran.code}: ${ran.err.trim()}`;
      return found === subject.expected ? undefined : `${told.join(', then ')}: ${found}`;
    }
    const kind = 'at' in death ? (death.at.split(':')[0] as 'batch') : 'moment';
    kinds[kind]++;
    told.push('at' in death ? death.at : `after ${death.afterMs} ms`);
    // Killed before the log had its header: there is nothing to resume, and a new run may have the folder.
    const begun = await orrery(['log', 'verify', log]);
    if (begun.err.includes('ORRERY_LOG_NOT_FOUND')) rmSync(log, { recursive: true, force: true });
    else args = ['run', '--resume', log, '--json'];
  }
}

function deathOf(n: number, { seconds, simSeconds }: Subject, draws: Draws): Death {
  const snapshots = Math.max(1, Math.ceil(simSeconds / 60) - 1);
  switch (n % 4) {
    case 0:
      return { at: `batch:${draws.between(1, Math.floor(simSeconds))}` };
    case 1:
      return { at: `snapshot:${draws.between(1, snapshots)}` };
    case 2:
      return { at: `rename:${draws.between(1, snapshots)}` };
    default:
      return { afterMs: draws.between(150, Math.round(seconds * 1000)) };
  }
}
