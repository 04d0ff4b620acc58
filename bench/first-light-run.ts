/** The demo's run, facts kept: its rates, and what its actors weigh. */
import { existsSync, readFileSync } from 'node:fs';
import { catalogue, Simulation } from '@orrery/simulator';
import type { HostFact } from '@orrery/actor';
import { loadScenario } from '@orrery/spec';
import type { PartResult } from './processes.ts';

export interface FirstLightResult extends Omit<PartResult, 'rssMiB'> {
  simSeconds: number;
  facts: number;
  actors: number;
  /** Heap that the actors took, MiB, by the collector's count before and after. */
  actorsMiB: number;
  digest: string;
}

export const FIRST_LIGHT = 'scenarios/first-light/scenario.yaml';

/** @param forSeconds simulated; 0: the whole scenario. Run from the repository's root. */
export function firstLightOnce(forSeconds: number): FirstLightResult {
  const read = (path: string) => (existsSync(path) ? readFileSync(path) : undefined);
  const loaded = loadScenario({ read }, FIRST_LIGHT, catalogue);
  if (!loaded.ok) throw new Error(`${FIRST_LIGHT} is refused: ${loaded.problems[0]?.message}`);
  const scenario = loaded.value;
  const end = forSeconds === 0 ? scenario.durationNs : forSeconds * 1_000_000_000;
  const before = heapMiB();
  const kept: HostFact[] = [];
  const simulation = new Simulation({ scenario, seed: scenario.seed, onFact: (fact) => kept.push(fact) });
  const actorsMiB = heapMiB() - before;
  const start = performance.now();
  simulation.advance(end);
  return {
    events: simulation.host.events,
    wallSeconds: (performance.now() - start) / 1000,
    simSeconds: end / 1e9,
    facts: kept.length,
    actors: simulation.host.cells.all().length,
    actorsMiB,
    digest: simulation.digest(),
  };
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
}
