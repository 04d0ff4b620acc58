/** `orrery init`: a small datacenter and a scenario to begin with. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { starterFiles } from '@orrery/spec';
import { Refusal } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

export function initCommand(terminal: Terminal, folder: string): number {
  for (const { path } of starterFiles) {
    const target = join(folder, path);
    if (existsSync(target)) throw new Refusal(`init: ${target} is there already; nothing was written`);
  }
  mkdirSync(folder, { recursive: true });
  for (const { path, text } of starterFiles) {
    writeFileSync(join(folder, path), text);
    terminal.out(join(folder, path));
  }
  terminal.out(`run it: npx orrery run ${folder === '.' ? 'scenario.yaml' : folder}`);
  return 0;
}
