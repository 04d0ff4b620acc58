/** What is wrong with a file, and where. */

export type Path = readonly (string | number)[];

export interface Problem {
  readonly file: string;
  /** From 1; 0 when it has no place in the file (it came from `--set`, or the file could not be read). */
  readonly line: number;
  readonly column: number;
  /** The field: `vms[3].cpu_cap`; '' for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Somewhere that problems and warnings are put; order does not matter, `sortProblems` gives it. */
export interface Report {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

export function newReport(): Report {
  return { problems: [], warnings: [] };
}

export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w:-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** `datacenter.yaml:41:18  vms[3].cpu_cap  expected …, found …`. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return [place, problem.path, problem.message].filter((part) => part !== '').join('  ');
}

/** By file as first seen, line, column, then text; what is said twice is kept once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.file))];
  const sorted = [...problems].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      (formatProblem(a) < formatProblem(b) ? -1 : 1),
  );
  return sorted.filter((problem, i) => i === 0 || formatProblem(problem) !== formatProblem(sorted[i - 1]!));
}

/** A found value as a complaint shows it. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    return keys.length === 0
      ? 'an empty map'
      : `a map (${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ', …' : ''})`;
  }
  return `a ${typeof value}`;
}
