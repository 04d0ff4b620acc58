/** Lines that are proved by files of the test suite: runs them, and counts what vitest's own report has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inScratch, root, run } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

export interface Suite {
  what: string;
  /** Files, from the root; a folder or a beginning of a path stands for every test file below it. */
  files: readonly string[];
  /** Only tests with such names. */
  named?: string;
}

/** Every test file whose path begins with one of `beginnings`. */
export function testFiles(beginnings: readonly string[]): string[] {
  const found: string[] = [];
  for (const folder of ['test', 'services', 'apps']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      const path = `${folder}/${entry}`;
      if (!path.endsWith('.test.ts') || path.includes('node_modules')) continue;
      if (beginnings.some((beginning) => path.startsWith(beginning))) found.push(path);
    }
  }
  return found.sort();
}

/** In a small draw the files need only be there: the suite that asks has them among its own. */
export async function proveSuites(options: ProofOptions, suites: readonly Suite[]): Promise<Proof> {
  const findings = new Findings(options.say);
  for (const suite of suites) {
    const files = testFiles(suite.files);
    if (files.length === 0)
      findings.check(!options.full, `${suite.what}: no test file ${suite.files.join(', ')}`);
    else if (options.full) await runSuite(findings, suite, files);
    else findings.note(`✓ ${suite.what}: ${files.length} files, run by the suite itself`);
  }
  return findings.proof();
}

async function runSuite(findings: Findings, suite: Suite, files: readonly string[]): Promise<void> {
  await inScratch(async (scratch) => {
    const file = join(scratch, 'report.json');
    const args = ['vitest', 'run', ...files, '--reporter=json', `--outputFile=${file}`];
    if (suite.named !== undefined) args.push('-t', suite.named);
    const ran = await run('npx', args, { env: { ...process.env, ORRERY_PROOF: 'full' } });
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    const { numPassedTests: passed, numFailedTests: failed, testResults } = report;
    const tests = testResults.flatMap((result) => result.assertionResults);
    for (const { fullName } of tests.filter(({ status }) => status === 'failed')) {
      findings.check(false, `${suite.what}: ${fullName}`);
    }
    const ok = ran.code === 0 && failed === 0 && passed > 0;
    findings.check(ok, `${suite.what}: ${passed} passed, ${failed} failed in ${files.length} files`);
  });
}
