/**
 * `npm run bench -- [NAME…] [--json]`: what is measured, beside a baseline, and what was promised of it. Exits 1 when
 * something promised was not found, 2 when there is no bench of a name.
 */
import { parseArgs } from 'node:util';
import { benches } from './benches.ts';
import { FULL, type Findings, type Scale } from './measure.ts';
import { rowLines, targetLines } from './tables.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const all: Findings = { rows: [], targets: [], notes: [] };
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  console.error(`${name} …`);
  const scale: Scale = { ...FULL };
  const found = await benches[name](scale);
  if (values.json) console.log(JSON.stringify({ bench: name, ...found }));
  all.rows.push(...found.rows);
  all.targets.push(...found.targets);
  all.notes.push(...found.notes);
}
if (!values.json) {
  console.log(rowLines(all.rows).join('\n'));
  if (all.targets.length > 0) console.log(`\n${targetLines(all.targets).join('\n')}`);
  for (const note of all.notes) console.log(`\nNote: ${note}.`);
}
process.exitCode = all.targets.every((target) => target.ok) ? 0 : 1;
