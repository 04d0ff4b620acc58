/** `orrery init`: a small datacenter and a scenario to begin with. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { starterFiles } from '@orrery/spec';
import { Refusal } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

export function initCommand(terminal: Terminal, folder: string): number {
  const files = Object.entries(starterFiles);
  for (const [name] of files) {
    if (existsSync(join(folder, name)))
      throw new Refusal(`init: ${join(folder, name)} is there already; nothing was written`);
  }
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) {
    writeFileSync(join(folder, name), text);
    terminal.out(join(folder, name));
  }
  terminal.out(`run it: npx orrery run ${folder === '.' ? 'scenario.yaml' : folder}`);
  return 0;
}
