/**
 * `npm run proof [-- N…] [--seed N] [--draw]`: shows what was promised, line by line, in full; `--draw` shows the small
 * draw that every change is held against. Exits 1 when a line is not shown, 2 when there is no line of a number.
 */
import { parseArgs } from 'node:util';
import { lines } from './lines.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, draw: { type: 'boolean', default: false } },
});
const seed = Number(values.seed);
const unknown = positionals.filter((name) => !Object.hasOwn(lines, name));
if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
  console.error(
    `proof: expected numbers of lines, ${Object.keys(lines).join(', ')}, and --seed a whole number`,
  );
  process.exit(2);
}

const table: string[] = [];
let failed = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(lines)) {
  const { what, prove } = lines[name];
  console.log(`\n${name}. ${what}`);
  const started = performance.now();
  let ok = false;
  try {
    ok = (await prove({ full: !values.draw, seed, say: (line) => console.log(`   ${line}`) })).ok;
  } catch (error) {
    console.log(`   ✗ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  if (!ok) failed++;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  table.push(`${ok ? '✓' : '✗'} ${name}. ${what.padEnd(72)} ${seconds.padStart(5)} s`);
}
console.log(`\n${table.join('\n')}\nseed ${seed}`);
process.exitCode = failed === 0 ? 0 : 1;
