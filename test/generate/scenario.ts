/** A datacenter and a time line of faults and repairs, drawn by a seed and read as any other files are. */
import { catalogue } from '@orrery/simulator';
import { formatProblem, loadDatacenter, loadScenario, type Loaded, type Scenario } from '@orrery/spec';
import { Draws } from '../proof/draws.ts';
import { datacenterText } from './datacenter.ts';
import { timelineText } from './timeline.ts';

export interface Drawn {
  scenario: Scenario;
  texts: Readonly<Record<string, string>>;
}

/** @throws when what was drawn is refused: then the generator is wrong, and the problems are told */
export function drawScenario(seed: number, seconds: number): Drawn {
  const draws = new Draws(seed, 'scenario');
  const datacenter = datacenterText(draws);
  const alone = { 'datacenter.yaml': datacenter };
  const read = accepted(loadDatacenter(filesOf(alone), 'datacenter.yaml'), alone);
  const scenario = [
    'title: drawn',
    'datacenter: datacenter.yaml',
    `seed: ${seed}`,
    `duration: ${seconds}s`,
    'timeline:',
    ...timelineText(draws, read, catalogue, seconds),
    'checks: [{ conservation: true }]',
    '',
  ].join('\n');
  const texts = { ...alone, 'scenario.yaml': scenario };
  return { scenario: accepted(loadScenario(filesOf(texts), 'scenario.yaml', catalogue), texts), texts };
}

function filesOf(texts: Readonly<Record<string, string>>): { read: (path: string) => string | undefined } {
  return { read: (path) => (Object.hasOwn(texts, path) ? texts[path] : undefined) };
}

function accepted<Value>(loaded: Loaded<Value>, texts: Readonly<Record<string, string>>): Value {
  if (loaded.ok) return loaded.value;
  const problems = loaded.problems.map((problem) => formatProblem(problem));
  throw new Error([...problems, ...Object.values(texts)].join('\n'));
}
