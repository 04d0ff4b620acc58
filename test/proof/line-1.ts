/** Must show 1: a clean clone installs, runs its demo and passes its tests, with no Docker and no broker. */
import { join } from 'node:path';
import { inScratch, root, run } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

const STEPS = [
  ['npm', 'ci', '--no-audit', '--no-fund'],
  ['npm', 'run', 'demo'],
  ['npm', 'ci', '--no-audit', '--no-fund'],
  ['npm', 'test'],
] as const;

export async function prove({ full, say }: ProofOptions): Promise<Proof> {
  const findings = new Findings(say);
  if (!full) {
    findings.note('✓ a clean clone is what runs this');
    return findings.proof();
  }
  for (const program of ['docker', 'nats-server']) {
    const { code } = await run('sh', ['-c', `command -v ${program}`]);
    findings.check(code !== 0, `there is no ${program} on PATH`);
  }
  await inScratch(async (scratch) => {
    const clone = join(scratch, 'clone');
    const cloned = await run('git', ['clone', '--quiet', root, clone]);
    const head = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: clone });
    if (!findings.check(cloned.code === 0, `git clone of ${head.out.trim()}`)) return;
    for (const [command, ...args] of STEPS) {
      const ran = await run(command, args, { cwd: clone });
      const last = `${ran.out}${ran.err}`.trimEnd().split('\n').slice(-3).join(' | ');
      const told = ran.code === 0 ? '' : `: exit ${ran.code ?? ran.signal}: ${last}`;
      const line = `${[command, ...args].join(' ')}, ${ran.seconds.toFixed(0)} s${told}`;
      if (!findings.check(ran.code === 0, line)) return;
    }
  });
  return findings.proof();
}
