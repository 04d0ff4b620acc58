/** What every step of the expansion is given: the file at hand, the others, and where to complain. */
import type { Path, Report } from './problem.ts';
import { problemAt, type FileSource, type Source } from './source.ts';

export interface Context {
  readonly files: FileSource;
  readonly source: Source;
  readonly report: Report;
}

export function complain(context: Context, path: Path, message: string, at: 'value' | 'key' = 'value'): void {
  context.report.problems.push(problemAt(context.source, path, message, at));
}

export function warn(context: Context, path: Path, message: string): void {
  context.report.warnings.push(problemAt(context.source, path, message));
}

/** Keeps the first of each name; complains of the others. */
export function refuseDuplicates<Item extends { readonly path: Path }>(
  context: Context,
  items: readonly Item[],
  what: string,
  nameOf: (item: Item) => { readonly name: string; readonly field: Path },
): void {
  const seen = new Set<string>();
  for (const item of items) {
    const { name, field } = nameOf(item);
    if (name !== '' && seen.has(name))
      complain(context, [...item.path, ...field], `${what} ${name} is there twice`);
    seen.add(name);
  }
}
