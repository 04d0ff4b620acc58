/** One nanosecond more in one I/O of one disk is another run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orrery, summaryOf } from './orrery.ts';
import type { Findings } from './proof.ts';

const DISK = 'cn-0001/disk/c0t0d0';

const scenario = (delay: string) => `title: one I/O takes a little longer
datacenter: datacenter.yaml
seed: 7
duration: 10s
timeline:
  - { at: 2s, inject: disk.delay, with: { delay: ${delay} }, on: ${DISK} }
`;

interface Outcome {
  digest: string;
  /** What the disk said of itself after the delay, as JSON. */
  served: string;
}

async function delayed(folder: string, delay: string, name: string): Promise<Outcome> {
  const [file, log, rows] = ['scenario.yaml', name, `${name}.jsonl`].map((path) => join(folder, path));
  writeFileSync(file, scenario(delay));
  const { digest } = summaryOf(await orrery(['run', file, '--json', '--log', log]));
  await orrery(['log', 'export', log, rows]);
  const served = readFileSync(rows, 'utf8')
    .split('\n')
    .filter((row) => row.includes(`"address":"${DISK}"`) && row.includes('"kind":"diskServed"'));
  return { digest, served: served.join('\n') };
}

/** Both runs have the fault and its fact; they differ in its length only, 1 ns and 2 ns. */
export async function provesOneNanosecond(findings: Findings, scratch: string): Promise<void> {
  const folder = join(scratch, 'nanosecond');
  mkdirSync(folder, { recursive: true });
  await orrery(['init', folder]);
  const one = await delayed(folder, '1ns', 'one');
  const again = await delayed(folder, '1ns', 'again');
  const two = await delayed(folder, '2ns', 'two');
  findings.check(
    one.digest === again.digest && one.digest !== two.digest && one.served !== two.served,
    `one I/O of ${DISK} 1 ns longer: digest ${one.digest} becomes ${two.digest}, and the disk's own facts differ`,
  );
}
