/** A folder of results: `sweep.json` says of what, `runs/KEY.json` is one run's, each put in place by rename. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  differenceOf,
  scenariosText,
  type RunResult,
  type Sweep,
  type SweepHead,
} from '../../sweep/index.ts';

export interface ResultFolder {
  /** Those that were there when it was opened. */
  readonly done: readonly RunResult[];
  keep(result: RunResult): void;
}

export function headOf(sweep: Sweep): SweepHead {
  const { name, engine, seeds, varied } = sweep;
  const scenarios = createHash('sha256').update(scenariosText(sweep)).digest('hex');
  return { name, engine, seeds, varied, scenarios };
}

/** @throws RangeError when it has the results of another sweep, or is no folder of results */
export function openResultFolder(folder: string, sweep: Sweep): ResultFolder {
  const headFile = join(folder, 'sweep.json');
  const runs = join(folder, 'runs');
  const head = headOf(sweep);
  if (existsSync(headFile)) {
    const difference = differenceOf(read(headFile) as SweepHead, head);
    if (difference !== undefined)
      throw new RangeError(`${folder} has the results of another sweep: ${difference}`);
  } else if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new RangeError(`${folder}: expected a new folder or one of results, found neither`);
  }
  mkdirSync(runs, { recursive: true });
  if (!existsSync(headFile)) writeWhole(headFile, head);
  const files = readdirSync(runs).filter((name) => name.endsWith('.json'));
  return {
    done: files.map((name) => read(join(runs, name)) as RunResult),
    keep: (result) => writeWhole(join(runs, `${result.key}.json`), result),
  };
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RangeError(`${file}: ${(error as Error).message}`);
  }
}

function writeWhole(file: string, value: unknown): void {
  const beside = `${file}.${process.pid}.part`;
  writeFileSync(beside, `${JSON.stringify(value)}\n`);
  renameSync(beside, file);
}
