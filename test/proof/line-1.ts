/** Must show 1: a clean clone installs, runs its demo and passes its tests, with no Docker and no broker. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inScratch, root, run } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const STEPS = [
  ['npm', 'ci', '--no-audit', '--no-fund'],
  ['npm', 'run', 'demo'],
  ['npm', 'ci', '--no-audit', '--no-fund'],
  ['npm', 'test'],
] as const;

/** Programs that a newcomer need not have. */
const HIDDEN = ['docker', 'nats-server'];

export async function prove({ full, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  if (!full) {
    findings.note('✓ a clean clone is what runs this');
    return findings.proof();
  }
  await inScratch(async (scratch) => {
    const env = bare(scratch);
    for (const program of HIDDEN) {
      const { code } = await run('sh', ['-c', `command -v ${program}`], { env });
      findings.check(code !== 0, `there is no ${program} on PATH`);
    }
    const clone = join(scratch, 'clone');
    const cloned = await run('git', ['clone', '--quiet', root, clone]);
    const head = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: clone });
    if (!findings.check(cloned.code === 0, `git clone of ${head.out.trim()}`)) return;
    for (const [command, ...args] of STEPS) {
      const ran = await run(command, args, { cwd: clone, env });
      const last = `${ran.out}${ran.err}`.trimEnd().split('\n').slice(-3).join(' | ');
      const told = ran.code === 0 ? '' : `: exit ${ran.code ?? ran.signal}: ${last}`;
      const line = `${[command, ...args].join(' ')}, ${ran.seconds.toFixed(0)} s${told}`;
      if (!findings.check(ran.code === 0, line)) return;
    }
  });
  return findings.proof();
}

/** An environment in which neither Docker nor a broker is found, though this machine may have them. */
function bare(scratch: string): NodeJS.ProcessEnv {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => existsSync(folder));
  const path = folders.map((folder, at) => without(folder, join(scratch, `bin-${at}`)));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: path.join(delimiter),
    DOCKER_HOST: `unix://${join(scratch, 'no-docker.sock')}`,
    XDG_CACHE_HOME: join(scratch, 'cache'),
  };
  delete env.CI;
  return env;
}

/** A folder of programs as it is, or links to all of it but what is hidden. */
function without(folder: string, links: string): string {
  const programs = readdirSync(folder);
  if (!programs.some((name) => HIDDEN.includes(name))) return folder;
  mkdirSync(links);
  for (const name of programs.filter((each) => !HIDDEN.includes(each)))
    symlinkSync(join(folder, name), join(links, name));
  return links;
}
