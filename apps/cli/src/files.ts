/** The file system as the specification's loader wants it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSource } from '@orrery/spec';
import { Refusal } from './exit.ts';

/** What came out of pipes, which say it once. */
const pipes = new Map<string, string>();

export const diskFiles: FileSource = {
  read: (path) => {
    try {
      const said = pipes.get(path);
      if (said !== undefined) return said;
      const kind = statSync(path);
      // A device may have no end.
      if (kind.isCharacterDevice()) return undefined;
      const text = readFileSync(path, 'utf8');
      if (kind.isFIFO()) pipes.set(path, text);
      return text;
    } catch {
      return undefined;
    }
  },
};

/** A folder stands for the scenario in it. @throws Refusal when it has none */
export function scenarioPath(file: string): string {
  if (existsSync(file) && statSync(file).isDirectory()) {
    for (const name of ['scenario.yaml', 'datacenter.yaml']) {
      if (existsSync(join(file, name))) return join(file, name);
    }
    throw new Refusal(`${file}: expected a scenario.yaml or a datacenter.yaml in this folder, found neither`);
  }
  return file;
}
