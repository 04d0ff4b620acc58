/** The datacenter that is to be live. */
import { existsSync } from 'node:fs';
import { catalogue } from '@orrery/simulator';
import { loadDatacenter, starterFiles, type Scenario } from '@orrery/spec';
import { Refusal } from '../exit.ts';
import { LIVE_NS, loadRunnable, scenarioAround } from '../load.ts';
import type { Terminal } from '../terminal.ts';

/** What was named, what lies here, or the starter. */
export function loadLive(terminal: Terminal, file: string | undefined, sets: readonly string[]): Scenario {
  return { ...loadHere(terminal, file, sets), durationNs: LIVE_NS };
}

function loadHere(terminal: Terminal, file: string | undefined, sets: readonly string[]): Scenario {
  if (file !== undefined) return loadRunnable(terminal, file, sets);
  const here = ['scenario.yaml', 'datacenter.yaml'].find((name) => existsSync(name));
  if (here !== undefined) return loadRunnable(terminal, here, sets);
  const texts = new Map(starterFiles.map(({ path, text }) => [path, text]));
  const files = { read: (path: string) => texts.get(path) };
  const loaded = loadDatacenter(files, 'datacenter.yaml', { sets, tunables: catalogue.tunables });
  if (!loaded.ok) throw new Refusal(loaded.problems.map(({ message }) => message).join('\n'));
  return scenarioAround(loaded.value);
}
