/** Must show 2: one digest, however the run is watched, ended, resumed or replayed, and on whichever Node. */
import { basename, join } from 'node:path';
import { startCollector } from './collector.ts';
import { Draws } from './draws.ts';
import { provesDeaths } from './deaths.ts';
import { nodeOf } from './nodes.ts';
import { provesOneNanosecond } from './nanosecond.ts';
import { inScratch, orrery, scenarioFolders, summaryOf } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const DEATHS = { full: 20, draw: 2 };
/** Simulated length of what a small draw runs: two snapshots and some batches more. */
const DRAW_FOR = '150s';

export async function prove(options: ProofOptions): Promise<Proof> {
  const findings = new Findings(options.say);
  await inScratch(async (scratch) => {
    const all = await scenarioFolders(scratch);
    const draws = new Draws(options.seed, 'line 2');
    const folders = options.full ? all : [lightest(all, draws)];
    for (const folder of folders) await proveScenario(findings, options, folder, scratch);
    await provesOneNanosecond(findings, scratch);
  });
  return findings.proof();
}

/** Of the scenarios, one that takes about a second. */
function lightest(folders: readonly string[], draws: Draws): string {
  const light = folders.filter((path) => /limping-disk|rack-loses-switch|silent-corruption/.test(path));
  return draws.of(light.length > 0 ? light : folders);
}

async function proveScenario(
  findings: Findings,
  options: ProofOptions,
  folder: string,
  scratch: string,
): Promise<void> {
  const name = basename(folder);
  const log = join(scratch, `${name}-log`);
  const runs = new Map<string, string>();
  const digest = async (what: string, args: readonly string[], node?: string): Promise<string> => {
    const found = summaryOf(await orrery(args, node === undefined ? {} : { node })).digest;
    runs.set(what, found);
    return found;
  };
  const base = ['run', folder, '--json', ...(options.full ? [] : ['--for', DRAW_FOR])];
  const first = await orrery(base);
  const { digest: expected, seed, simSeconds } = summaryOf(first);
  await digest('again', base);
  const other = await digest('another seed', [...base, '--seed', String(seed + 1)]);
  runs.delete('another seed');
  await digest('kept in a log', [...base, '--log', log]);
  await digest('replayed', ['replay', log, '--json']);
  const collector = await startCollector();
  await digest('--otlp', [...base, '--otlp', collector.url]);
  await collector.close();
  findings.check(
    collector.requests() > 0,
    `${name}: spans arrived by --otlp (${collector.requests()} requests)`,
  );
  const files = ['--trace-file', join(scratch, 't.jsonl'), '--report', join(scratch, 'r.html')];
  await digest('--trace-file --report', [...base, ...files]);
  for (const major of [20, 24] as const) {
    const node = await nodeOf(major);
    if (node.startsWith('no ')) findings.check(!options.full, `${name}: ${node}`);
    else await digest(`Node ${major}`, base, node);
  }
  const different = [...runs]
    .filter(([, found]) => found !== expected)
    .map(([what, found]) => `${what} ${found}`);
  const same = different.length === 0 ? [...runs.keys()].join(', ') : `but ${different.join(', ')}`;
  findings.check(different.length === 0, `${name}: digest ${expected}, the same ${same}`);
  findings.check(other !== expected, `${name}: seed ${seed + 1} has another, ${other}`);
  const count = options.full ? DEATHS.full : DEATHS.draw;
  const subject = { name, args: base, expected, seconds: first.seconds, simSeconds, scratch };
  await provesDeaths(findings, subject, count, options.seed);
}
