/** Logs wounded at random places, read and resumed through the command line. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { drawsOf, filesOf, wound } from '../../packages/log/src/adapters/files/damage.case.ts';
import { readHeader, writeHeader } from '../../packages/log/src/adapters/files/header.ts';
import { orrery, summaryOf, type Ran } from './orrery.ts';
import type { Findings } from './proof.ts';

/** What the log says of itself while it is whole. */
interface Whole {
  folder: string;
  facts: number;
  digest: string;
}

interface Verified {
  state: 'ended' | 'unfinished';
  facts: number;
  commands: number;
  digest: string;
}

export async function provesWounds(
  findings: Findings,
  scratch: string,
  count: number,
  seed: number,
): Promise<void> {
  const whole = await makeLog(scratch);
  const wrong: string[] = [];
  const seen = { whole: 0, cut: 0, refused: 0 };
  for (let n = 0; n < count; n++) {
    const copy = join(scratch, 'wounded');
    cpSync(whole.folder, copy, { recursive: true });
    // Snapshots are most of a log's bytes: without them every other wound is in its header or its batches.
    if (n % 2 === 1) dropSnapshots(copy);
    const how = wound(copy, drawsOf(seed * 1_000 + n));
    const outcome = await judge(copy, whole);
    if (outcome in seen) seen[outcome as keyof typeof seen]++;
    else wrong.push(`seed ${seed * 1_000 + n}, ${how}: ${outcome}`);
    rmSync(copy, { recursive: true, force: true });
  }
  const what = `${count} wounds of a log (seeds from ${seed * 1_000}): ${seen.whole} harmless, ${seen.cut} cut and said so, ${seen.refused} refused with the place`;
  findings.check(wrong.length === 0, wrong.length === 0 ? what : `${what}; but ${wrong.join('; ')}`);
  await provesVersions(findings, scratch, whole);
}

function dropSnapshots(folder: string): void {
  for (const name of filesOf(folder)) if (name.startsWith('snapshot-')) rmSync(join(folder, name));
}

async function makeLog(scratch: string): Promise<Whole> {
  const [starter, folder] = [join(scratch, 'starter'), join(scratch, 'whole')];
  await orrery(['init', starter]);
  const { digest } = summaryOf(await orrery(['run', starter, '--for', '100s', '--log', folder, '--json']));
  return { folder, digest, facts: verified(await orrery(['log', 'verify', folder, '--json'])).facts };
}

function verified(ran: Ran): Verified {
  return JSON.parse(ran.out.trim().split('\n')[0]) as Verified;
}

const coded = /^ORRERY_LOG_[A-Z]+: /;

/**
 * A crash of the program itself: a signal, or a stack where a message should be. A run that ended has said so, although
 * not all of the starter's checks can hold in the short run that is wounded here.
 */
function crashed({ code, signal, out, err }: Ran): string | undefined {
  if (signal !== null) return `died of ${signal}`;
  if (code === 0 || coded.test(err) || out.includes('"digest"')) return undefined;
  return `exit ${code} without a coded error: ${err.slice(0, 200)}`;
}

/** @returns what became of the log, or what is wrong */
async function judge(copy: string, whole: Whole): Promise<string> {
  const [verify, cat] = await Promise.all([
    orrery(['log', 'verify', copy, '--json']),
    orrery(['log', 'cat', copy]),
  ]);
  const trouble = crashed(verify) ?? crashed(cat);
  if (trouble !== undefined) return trouble;
  if (verify.code !== 0) {
    if (!coded.test(verify.err)) return 'the digest differs and nobody saw why';
    const placed = /DAMAGED.* at byte [0-9]+|NOT_FOUND|VERSION|IO/.test(verify.err);
    return placed && cat.code !== 0 ? 'refused' : `refused without the place: ${verify.err}`;
  }
  const found = verified(verify);
  const lines = cat.out.trimEnd().split('\n').length;
  const listed = found.facts + found.commands;
  if (cat.code !== 0 || (listed > 0 && lines < listed)) return `cat printed ${lines} lines of ${listed}`;
  if (found.state === 'ended') {
    const same = found.facts === whole.facts && found.digest === whole.digest;
    return same ? 'whole' : `says it ended, with ${found.facts} facts of ${whole.facts}`;
  }
  if (!cat.err.includes('unfinished, up to')) return 'is short and does not say so';
  const resumed = await orrery(['run', '--resume', copy, '--json']);
  const again = crashed(resumed);
  if (again !== undefined) return `resumed, ${again}`;
  if (!resumed.out.includes('"digest"')) return `cannot be resumed: ${resumed.err.slice(0, 200)}`;
  const { digest } = summaryOf(resumed);
  return digest === whole.digest ? 'cut' : `resumed to ${digest}, not ${whole.digest}`;
}

/** A log of a later format is refused by all; one of another engine is read, and not recomputed. */
async function provesVersions(findings: Findings, scratch: string, whole: Whole): Promise<void> {
  const { header } = readHeader(whole.folder);
  const copy = join(scratch, 'version');
  cpSync(whole.folder, copy, { recursive: true });
  writeHeader(copy, { ...header, format: header.format + 1, compatible: header.format + 1 }, false);
  const commands = [
    ['log', 'verify', copy],
    ['log', 'cat', copy],
    ['replay', copy],
    ['run', '--resume', copy],
  ];
  const refusals = await Promise.all(commands.map((args) => orrery(args)));
  findings.check(
    refusals.every(({ code, err }) => code === 1 && err.includes('ORRERY_LOG_VERSION')),
    `a log of format ${header.format + 1} is refused by verify, cat, replay and resume, naming both versions`,
  );
}
