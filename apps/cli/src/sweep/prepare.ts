/** From what was typed to a sweep: every combination of settings loaded and checked before anything runs. */
import { engine } from '@orrery/simulator';
import {
  combinationsOf,
  countOf,
  parseSeeds,
  parseVaried,
  RUNS_MAX,
  type Sweep,
  type Variation,
} from '@orrery/simulator/sweep';
import { Refusal } from '../exit.ts';
import { loadRunnable } from '../load.ts';
import type { Terminal } from '../terminal.ts';

export interface SweepRequest {
  file: string;
  seeds: string;
  vary: readonly string[];
  /** The same in every run. */
  sets: readonly string[];
  /** Simulated length, ns; undefined: the scenario's own. */
  forNs: number | undefined;
}

/** @throws Refusal on seeds or settings that cannot be, with the combination that they are of */
export function prepareSweep(terminal: Terminal, request: SweepRequest): Sweep {
  const { file, sets, forNs } = request;
  const seeds = refused(() => parseSeeds(request.seeds));
  const varied = refused(() => request.vary.map(parseVaried));
  const once = onceEach(terminal);
  const variations = refused(() => combinationsOf(varied)).map((settings): Variation => {
    const own = Object.entries(settings).map(([path, value]) => `${path}=${value}`);
    const loaded = loadedOr(once, file, [...sets, ...own], own);
    return { settings, scenario: forNs === undefined ? loaded : { ...loaded, durationNs: forNs } };
  });
  const sweep = { name: variations[0]?.scenario.name ?? '', engine, seeds, varied, variations };
  if (countOf(sweep) > RUNS_MAX) throw new Refusal(`sweep: over ${RUNS_MAX} runs`);
  return sweep;
}

function loadedOr(terminal: Terminal, file: string, sets: readonly string[], own: readonly string[]) {
  try {
    return loadRunnable(terminal, file, sets);
  } catch (error) {
    if (!(error instanceof Refusal) || own.length === 0) throw error;
    throw new Refusal(`with ${own.join(' ')}: ${error.message}`, error.exitCode);
  }
}

/** What is wrong or doubtful in every combination is said once. */
function onceEach(terminal: Terminal): Terminal {
  const said = new Set<string>();
  return {
    ...terminal,
    err: (line) => {
      if (said.has(line)) return;
      said.add(line);
      terminal.err(line);
    },
  };
}

function refused<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(error.message);
    throw error;
  }
}
