/** A part of a bench in a process of its own, so that its memory is its own: prints one JSON line. */
import { readFileSync } from 'node:fs';
import { firstLightOnce } from './first-light-run.ts';
import { fleetOnce } from './fleet-run.ts';
import { beat } from './heartbeats-run.ts';

const parts: Record<string, (...numbers: number[]) => object> = {
  heartbeats: beat,
  fleet: fleetOnce,
  'first-light': firstLightOnce,
};

/** Most memory that this process had, MiB. What `getrusage` says begins with what the parent had before `exec`. */
function peakMiB(): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Math.round((found === null ? process.resourceUsage().maxRSS : Number(found[1])) / 1024);
}

const [name = '', ...numbers] = process.argv.slice(2);
const part = parts[name];
if (part === undefined) throw new RangeError(`no part of a bench is called ${name}`);
const found = part(...numbers.map(Number));
process.stdout.write(`${JSON.stringify({ ...found, rssMiB: peakMiB() })}\n`);
