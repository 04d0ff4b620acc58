/** What a sweep is made of, as typed: seeds, and settings with several values, whose product is what is run. */

/** A setting and the values it takes in turn; path and values as `--set path=value` has them. */
export interface Varied {
  path: string;
  values: string[];
}

/** More runs than these are a slip of the pen. */
export const RUNS_MAX = 1_000_000;

/** `1..500`, `7`, or several of them with commas; in the order given. @throws RangeError */
export function parseSeeds(text: string): number[] {
  const refuse = (why: string): never => {
    throw new RangeError(`--seeds: ${why}, found "${text}"`);
  };
  const seeds = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last] = /^\s*(\d{1,15})(?:\.\.(\d{1,15}))?\s*$/.exec(part) ?? [];
    if (first === undefined) refuse('expected for instance 1..500 or 1,2,7');
    const from = Number(first);
    const to = last === undefined ? from : Number(last);
    if (to < from) refuse('expected the lesser seed first');
    if (to - from >= RUNS_MAX) refuse(`expected at most ${RUNS_MAX} seeds`);
    for (let seed = from; seed <= to; seed++) {
      if (seeds.has(seed)) refuse(`expected each seed once, ${seed} is there twice`);
      seeds.add(seed);
    }
  }
  return [...seeds];
}

/** `path=a,b,c`; a comma within brackets, braces or quotes belongs to its value. @throws RangeError */
export function parseVaried(text: string): Varied {
  const refuse = (why: string): never => {
    throw new RangeError(`--vary ${text}: ${why}`);
  };
  const equals = text.indexOf('=');
  if (equals < 1) refuse('expected path=a,b,c, for instance vms.web.cpu_cap=100,200');
  const path = text.slice(0, equals).trim();
  const values = splitValues(text.slice(equals + 1));
  if (path === 'seed') refuse('seeds are given by --seeds');
  if (values.some((value) => value === '')) refuse('expected a value between commas');
  const twice = values.find((value, at) => values.indexOf(value) !== at);
  if (twice !== undefined) refuse(`expected each value once, ${twice} is there twice`);
  return { path, values };
}

function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let quote = '';
  let value = '';
  for (const letter of text) {
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '[' || letter === '{') depth++;
    else if (letter === ']' || letter === '}') depth--;
    else if (letter === ',' && depth === 0) {
      values.push(value.trim());
      value = '';
      continue;
    }
    value += letter;
  }
  return [...values, value.trim()];
}

/** Every combination of the varied settings' values, by path; the last setting turns fastest. @throws RangeError */
export function combinationsOf(varied: readonly Varied[]): Record<string, string>[] {
  let combinations: Record<string, string>[] = [{}];
  for (const { path, values } of varied) {
    if (combinations[0]?.[path] !== undefined) throw new RangeError(`--vary ${path}: it is there twice`);
    combinations = combinations.flatMap((before) => values.map((value) => ({ ...before, [path]: value })));
    if (combinations.length > RUNS_MAX) throw new RangeError(`--vary: over ${RUNS_MAX} combinations`);
  }
  return combinations;
}
