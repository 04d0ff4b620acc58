/** The file system as the specification's loader wants it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSource } from '@orrery/spec';
import { Refusal } from './exit.ts';

export const diskFiles: FileSource = {
  read: (path) => {
    try {
      // A device may have no end.
      if (statSync(path).isCharacterDevice()) return undefined;
      return readFileSync(path, 'utf8');
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
