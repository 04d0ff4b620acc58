/** From what was typed to what is run: the scenario, the seed, the moment to start from, the log. */
import { randomUUID } from 'node:crypto';
import { openFilesLog, createFilesLog, resumeFilesLog } from '@orrery/log/files';
import type { Cut, LogWriter } from '@orrery/log';
import type { Scenario } from '@orrery/spec';
import { decodeSnapshot, engine, type SimulationSnapshot } from '@orrery/simulator';
import { loadRunnable } from '../load.ts';
import type { Terminal } from '../terminal.ts';
import { storeOptions } from './log-options.ts';
import type { RunOptions } from './options.ts';

export interface Prepared {
  scenario: Scenario;
  seed: number;
  log: LogWriter | undefined;
  from: SimulationSnapshot | undefined;
  cut: Cut | undefined;
}

/** @throws Refusal on bad input, LogError on a log that cannot be made */
export function prepareRun(terminal: Terminal, file: string, options: RunOptions): Prepared {
  const loaded = loadRunnable(terminal, file, options.sets);
  const scenario = options.forNs === undefined ? loaded : { ...loaded, durationNs: options.forNs };
  const seed = options.seed ?? scenario.seed;
  const log =
    options.log === undefined
      ? undefined
      : createFilesLog(options.log, headerOf(scenario, seed), storeOptions(options.crashAt));
  return { scenario, seed, log, from: undefined, cut: undefined };
}

/** @throws LogError on a log that is damaged, ended, of another engine, or in use */
export function prepareResume(folder: string, options: RunOptions): Prepared {
  const resumed = resumeFilesLog(folder, engine, storeOptions(options.crashAt));
  const from = resumed.snapshot === undefined ? undefined : decodeSnapshot(resumed.snapshot.state);
  return {
    scenario: scenarioOf(resumed.header.specJson),
    seed: resumed.header.seed,
    log: resumed.writer,
    from,
    cut: resumed.cut,
  };
}

/** The scenario that a log was made of, with its seed. @throws LogError */
export function readRun(folder: string): {
  scenario: Scenario;
  seed: number;
  reader: ReturnType<typeof openFilesLog>;
} {
  const reader = openFilesLog(folder);
  return { scenario: scenarioOf(reader.header.specJson), seed: reader.header.seed, reader };
}

function scenarioOf(specJson: Uint8Array): Scenario {
  return JSON.parse(new TextDecoder().decode(specJson)) as Scenario;
}

function headerOf(scenario: Scenario, seed: number): Parameters<typeof createFilesLog>[1] {
  return {
    engine,
    runId: randomUUID(),
    seed,
    specJson: new TextEncoder().encode(JSON.stringify(scenario)),
    createdAt: new Date().toISOString(),
    nodeVersion: process.version,
  };
}
