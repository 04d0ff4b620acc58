/** A run that begins at a moment of another: how long it is, and which logs it can begin from. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { main } from '../main.ts';

const folder = mkdtempSync(join(tmpdir(), 'orrery-from-'));
afterAll(() => rmSync(folder, { recursive: true }));

function scenario(name: string, disks: number): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `duration: 10s
datacenter:
  name: ${name}
  start: running
  racks: { r1: { nodes: { count: 1, profile: p } } }
  profiles:
    p:
      cpus: 2
      memory: 4GiB
      disks: [{ name: c0t0d0, count: ${disks}, kind: ssd, size: 100GB }]
      pools: { zones: { vdevs: [{ mirror: 'c0t0d0..c0t${disks - 1}d0' }] } }
`,
  );
  return file;
}

async function orrery(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    colour: false,
    interactive: false,
    width: 120,
  };
  const code = await main(['node', 'orrery', ...words], terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('--for counts from the moment, and a log of other parts is refused', async () => {
  const [two, three] = [scenario('two', 2), scenario('three', 3)];
  const log = join(folder, 'log');
  expect((await orrery('run', two, '--log', log)).code).toBe(0);
  const on = await orrery('run', two, '--from', `${log}@5s`, '--for', '2s', '--json');
  expect(JSON.parse(on.out.split('\n').at(-1)!)).toMatchObject({ ended: true, simSeconds: 2 });
  const past = await orrery('run', two, '--from', `${log}@10s`);
  expect([past.code, past.err]).toEqual([2, expect.stringContaining('the scenario ends at 00:00:10.000')]);
  const other = await orrery('run', three, '--from', `${log}@5s`);
  expect([other.code, other.err]).toEqual([2, expect.stringContaining('of another datacenter (two)')]);
});
