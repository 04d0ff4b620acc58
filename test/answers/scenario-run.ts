/** A scenario run into a log in memory, and questions put to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newMemoryLog, readMemoryLog, writeMemoryLog, type LogReader } from '@orrery/log';
import {
  addressesOf,
  catalogue,
  decodeSnapshot,
  encodeSnapshot,
  engine,
  FactIndex,
  findSubject,
  momentAt,
  Simulation,
  slow,
  when,
  why,
  type SlowAnswer,
  type WhenAnswer,
  type WhyAnswer,
} from '@orrery/simulator';
import { loadScenario, type Scenario } from '@orrery/spec';

const folder = fileURLToPath(new URL('../../scenarios', import.meta.url));
const codec = { encode: encodeSnapshot, decode: decodeSnapshot };

export interface ScenarioRun {
  scenario: Scenario;
  seed: number;
  reader: LogReader;
}

export function runScenario(
  name: string,
  { seed, untilNs }: { seed?: number; untilNs?: number } = {},
): ScenarioRun {
  const read = (path: string) => readFileSync(path, 'utf8');
  const loaded = loadScenario({ read }, join(folder, name, 'scenario.yaml'), catalogue);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const scenario = loaded.value;
  const drawn = seed ?? scenario.seed;
  const specJson = new TextEncoder().encode(JSON.stringify(scenario));
  const header = { engine, runId: name, seed: drawn, specJson, createdAt: '', nodeVersion: '' };
  const log = newMemoryLog(header);
  const simulation = new Simulation({ scenario, seed: drawn, log: writeMemoryLog(log), encodeSnapshot });
  simulation.advance(untilNs ?? scenario.durationNs);
  simulation.end();
  return { scenario, seed: drawn, reader: readMemoryLog(log) };
}

export function indexOf(
  { scenario, reader }: ScenarioRun,
  until: number,
  withoutInjections = false,
): FactIndex {
  const { datacenter } = scenario;
  return FactIndex.read(
    { datacenter, addresses: addressesOf(datacenter), facts: reader.facts() },
    { until, withoutInjections },
  );
}

function subjectOf(index: FactIndex, name: string) {
  const found = findSubject(index, name);
  if (!found.ok) throw new Error(found.message);
  return found.subject;
}

export function askWhy(run: ScenarioRun, name: string, at: number, withoutInjections = false): WhyAnswer {
  const index = indexOf(run, at, withoutInjections);
  return why(index, subjectOf(index, name));
}

export function askSlow(run: ScenarioRun, name: string, at: number, withoutInjections = false): SlowAnswer {
  const index = indexOf(run, at, withoutInjections);
  return slow(index, subjectOf(index, name));
}

export function askWhen(run: ScenarioRun, name: string, at: number, forks: number): WhenAnswer {
  const index = indexOf(run, at);
  const { scenario, seed, reader } = run;
  return when({
    index,
    subject: subjectOf(index, name),
    codec,
    forks,
    moment: () => {
      const snapshot = reader.lastVerifiedSnapshot(at);
      const from = snapshot === undefined ? undefined : decodeSnapshot(snapshot.state);
      return momentAt({ scenario, seed, at, from, codec });
    },
  });
}
