/** Must show 9: broken input is refused with its place; a damaged log is cut and said so, or refused with its place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Draws } from './draws.ts';
import { inScratch, orrery, root } from './orrery.ts';
import { Findings, type Proof, type ProofOptions } from './proof.ts';
import { provesWounds } from './wounds.ts';

const fixtures = join(root, 'packages/spec/fixtures');
const INPUTS = { full: Infinity, draw: 4 };
const WOUNDS = { full: 200, draw: 5 };

export async function prove(options: ProofOptions): Promise<Proof> {
  const findings = new Findings(options.say);
  await provesRefusals(findings, options);
  await inScratch((scratch) =>
    provesWounds(findings, scratch, options.full ? WOUNDS.full : WOUNDS.draw, options.seed),
  );
  return findings.proof();
}

async function provesRefusals(findings: Findings, options: ProofOptions): Promise<void> {
  const all = readdirSync(join(fixtures, 'broken')).filter((name) => name.endsWith('.yaml'));
  const draws = new Draws(options.seed, 'line 9');
  const names = options.full ? all : draws.several(all, INPUTS.draw);
  const wrong: string[] = [];
  for (const name of names) {
    const trouble = await refused(`broken/${name}`);
    if (trouble !== undefined) wrong.push(`${name}: ${trouble}`);
  }
  findings.check(all.length >= 40, `${all.length} broken specs, scenarios and payloads are there`);
  const told = wrong.length === 0 ? '' : `; not so ${wrong.join('; ')}`;
  findings.check(
    wrong.length === 0,
    `${names.length} of them are refused with file, line and field, exit code 2${told}`,
  );
}

/** @returns what is wrong with the refusal */
async function refused(path: string): Promise<string | undefined> {
  const { code, out, err } = await orrery(['run', path], { cwd: fixtures });
  const text = `${out}${err}`;
  if (code !== 2) return `exit code ${code}: ${text.slice(0, 200)}`;
  if (!text.includes('nothing was started'))
    return `does not say that nothing was started: ${text.slice(0, 200)}`;
  const expected = readFileSync(join(fixtures, path.replace(/yaml$/, 'txt')), 'utf8')
    .trimEnd()
    .split('\n');
  const placed = text.split('\n').filter((line) => /^[^ ]+\.(yaml|json):[0-9]+(:[0-9]+)? /.test(line));
  // Scenarios are held against the catalogue of the tests there and the real one here: the places are the same.
  const places = (lines: readonly string[]) =>
    lines.map((line) => line.split(' ')[0]).filter((place) => place !== '');
  const missing = places(expected).filter((place) => /:[0-9]/.test(place) && !places(placed).includes(place));
  if (missing.length > 0) return `does not name ${missing.join(', ')}: ${text.slice(0, 200)}`;
  return undefined;
}
