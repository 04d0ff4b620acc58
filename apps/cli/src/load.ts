/** Loads what a person wrote, or refuses it with every place and reason. */
import {
  formatProblem,
  loadDatacenter,
  loadScenario,
  type Datacenter,
  type Problem,
  type Scenario,
} from '@orrery/spec';
import { catalogue } from '@orrery/simulator';
import { Refusal } from './exit.ts';
import { diskFiles, scenarioPath } from './files.ts';
import type { Terminal } from './terminal.ts';

/** How long a bare datacenter runs unless told otherwise: ten minutes. */
const DATACENTER_RUN_NS = 600_000_000_000;

/** The longest that simulated time reaches, 104 days, in whole hours, ns: a live datacenter ends when it is told to. */
export const LIVE_NS = 2500 * 3600 * 1_000_000_000;

type Kind = 'scenario' | 'datacenter';

/** A file with a time line, checks or a datacenter in it is a scenario. */
export function kindOf(path: string): Kind {
  const text = diskFiles.read(path);
  if (typeof text !== 'string') return 'scenario';
  return /^(datacenter|timeline|checks)\s*:/m.test(text) ? 'scenario' : 'datacenter';
}

function refuse(terminal: Terminal, problems: readonly Problem[]): never {
  for (const problem of problems) terminal.err(formatProblem(problem));
  throw new Refusal(`${problems.length} error${problems.length === 1 ? '' : 's'}; nothing was started`);
}

/**
 * A scenario, or a datacenter as a scenario in which nothing is done to it.
 * @param sets `path=value` settings over what the file says
 * @throws Refusal with exit code 2
 */
export function loadRunnable(terminal: Terminal, file: string, sets: readonly string[]): Scenario {
  const path = scenarioPath(file);
  if (kindOf(path) === 'scenario') {
    const loaded = loadScenario(diskFiles, path, catalogue, { sets });
    if (!loaded.ok) refuse(terminal, loaded.problems);
    for (const warning of loaded.warnings) terminal.err(`warning: ${formatProblem(warning)}`);
    return loaded.value;
  }
  const loaded = loadDatacenter(diskFiles, path, { sets, tunables: catalogue.tunables });
  if (!loaded.ok) refuse(terminal, loaded.problems);
  for (const warning of loaded.warnings) terminal.err(`warning: ${formatProblem(warning)}`);
  return scenarioAround(loaded.value);
}

/** A datacenter to which nothing is done, as a scenario. */
export function scenarioAround(datacenter: Datacenter): Scenario {
  return {
    name: datacenter.name,
    title: datacenter.name,
    datacenter,
    seed: 1,
    durationNs: DATACENTER_RUN_NS,
    timeline: [],
    phases: [{ name: 'all', fromNs: 0, toNs: DATACENTER_RUN_NS }],
    checks: [],
    print: { story: true, tables: ['vms', 'pools'], vms: [] },
  };
}

/** Problems of a file, without running it. */
export function validateFile(file: string): { problems: readonly Problem[]; warnings: readonly Problem[] } {
  const path = scenarioPath(file);
  const loaded =
    kindOf(path) === 'scenario' ? loadScenario(diskFiles, path, catalogue) : loadDatacenter(diskFiles, path);
  return loaded.ok
    ? { problems: [], warnings: loaded.warnings }
    : { problems: loaded.problems, warnings: [] };
}
