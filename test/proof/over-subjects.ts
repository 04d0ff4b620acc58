/** What is run over a broker to show that it is the same there: the scenarios and drawn datacenters, each cut short. */
import { basename } from 'node:path';
import type { Scenario } from '@orrery/spec';
import { loadRunnable } from '../../apps/cli/src/load.ts';
import { drawScenario } from '../generate/scenario.ts';
import { briefly } from './brief.ts';
import type { Draws } from './draws.ts';
import { scenarioFolders } from './orrery.ts';

export interface Subject {
  readonly name: string;
  readonly scenario: Scenario;
}

/** How the services of a run over a broker are shared out. */
export const sharings: readonly Readonly<Record<string, number>>[] = [{}, { 'compute-node': 3, storage: 2 }];

export function sharingName(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts).map(([service, count]) => `${service} × ${count}`);
  return named.length === 0 ? 'one replica each' : named.join(', ');
}

const silent = { out: () => undefined, err: () => undefined, colour: false, interactive: false, width: 100 };

/** Every scenario, and `count` drawn ones from `first` on. @param seconds simulated length of each */
export async function subjectsOf(
  scratch: string,
  { first, count, seconds }: { first: number; count: number; seconds: number },
): Promise<Subject[]> {
  const written = (await scenarioFolders(scratch)).map((folder) => ({
    name: basename(folder),
    scenario: briefly(loadRunnable(silent, folder, []), seconds),
  }));
  const drawn = Array.from({ length: count }, (_, i) => ({
    name: `drawn ${first + i}`,
    scenario: briefly(drawScenario(first + i, seconds).scenario, seconds),
  }));
  return [...written, ...drawn];
}

/** A small draw of them: a light scenario and a drawn one. */
export async function fewSubjects(scratch: string, draws: Draws, seconds: number): Promise<Subject[]> {
  const all = await subjectsOf(scratch, { first: draws.between(1000, 9999), count: 1, seconds });
  const light = all.filter(({ name }) => /limping-disk|rack-loses-switch|silent-corruption|burst/.test(name));
  return [draws.of(light.length > 0 ? light : all), ...all.slice(-1)];
}
