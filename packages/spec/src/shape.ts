/**
 * Checks one item of a file against its schema, and words what is wrong. An item with mistakes in single fields comes
 * back without those fields, marked partial, so that the rest of the file can still be checked against it.
 */
import type { z } from 'zod';
import { shown, type Path, type Report } from './problem.ts';
import { child, problemAt, type Source } from './source.ts';
import { nearest } from './near.ts';

/** An item that fits its schema, and where it stands. */
export interface Item<Value> {
  readonly value: Value;
  readonly path: Path;
  /** Whether some of its fields were wrong and are missing here. */
  readonly partial: boolean;
}

/** Items of a section of the file, and whether some were too wrong to keep (so that a name may be missing). */
export interface Section<Value> {
  readonly items: readonly (Item<Value> & { readonly name: string })[];
  readonly broken: boolean;
}

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly Issue[])[];
}

export function parseItem<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  source: Source,
  path: Path,
  report: Report,
): Item<z.output<Schema>> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, path, partial: false };
  const issues = withoutEchoes(parsed.error.issues as readonly Issue[]);
  for (const issue of issues) reportIssue(issue, value, source, path, report);
  const pruned = prune(value, issues);
  const again = pruned === undefined ? undefined : schema.safeParse(pruned);
  return again?.success === true ? { value: again.data, path, partial: true } : undefined;
}

/** Where a key is unknown, that no known one is there needs no saying. */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const place = (issue: Issue): string => issue.path.map(String).join('/');
  const unknown = new Set(issues.filter((issue) => issue.code === 'unrecognized_keys').map(place));
  return issues.filter((issue) => issue.code !== 'custom' || !unknown.has(place(issue)));
}

function reportIssue(issue: Issue, value: unknown, source: Source, path: Path, report: Report): void {
  const within = written(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    for (const key of issue.keys ?? []) {
      const near = nearest(key, known);
      const hint = near === undefined ? `allowed: ${known.join(', ')}` : `did you mean ${near}?`;
      report.problems.push(
        problemAt(source, [...path, ...within, key], `is not a known setting; ${hint}`, 'key'),
      );
    }
    return;
  }
  const found = within.reduce<unknown>(child, value);
  if (issue.code === 'invalid_key') {
    const message = `${issue.message}, found ${shown(String(within.at(-1)))}`;
    report.problems.push(problemAt(source, [...path, ...within], message, 'key'));
    return;
  }
  const words = issue.values?.filter((word) => typeof word === 'string') ?? [];
  const near = typeof found === 'string' && words.length > 0 ? nearest(found, words) : undefined;
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  report.problems.push(
    problemAt(source, [...path, ...within], `${issue.message}, found ${shown(found)}${hint}`),
  );
}

/** The path as far as it is in the file: `cpu: 3x` stands for `cpu: {time: 3x}`, and `[0]` for the first of one. */
function written(value: unknown, path: readonly PropertyKey[]): (string | number)[] {
  const within: (string | number)[] = [];
  let here = value;
  for (const part of path) {
    if (here !== undefined && here !== null && typeof here !== 'object') return within;
    const key = typeof part === 'symbol' ? String(part) : part;
    within.push(key);
    here = child(here, key);
  }
  return within;
}

/** The value without the fields complained of; undefined when one of them is inside a list, or the value itself. */
function prune(value: unknown, issues: readonly Issue[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const copy: Record<string, unknown> = { ...value };
  for (const issue of issues) {
    const field = issue.path[0] ?? (issue.code === 'unrecognized_keys' ? undefined : null);
    if (field === null) return undefined;
    for (const key of field === undefined ? (issue.keys ?? []) : [String(field)]) delete copy[key];
  }
  return copy;
}

/** Each item of a map by name. */
export function parseMap<Schema extends z.ZodType>(
  schema: Schema,
  map: Readonly<Record<string, unknown>> | undefined,
  source: Source,
  key: string,
  report: Report,
): Section<z.output<Schema>> {
  let broken = false;
  const items: (Item<z.output<Schema>> & { name: string })[] = [];
  for (const [name, value] of Object.entries(map ?? {})) {
    const item = parseItem(schema, value, source, [key, name], report);
    if (item === undefined) broken = true;
    else items.push({ ...item, name });
  }
  return { items, broken };
}

/** Each item of a list, which says its own name. */
export function parseList<Schema extends z.ZodType>(
  schema: Schema,
  list: readonly unknown[] | undefined,
  source: Source,
  key: string,
  report: Report,
): Section<z.output<Schema>> {
  let broken = false;
  const items: (Item<z.output<Schema>> & { name: string })[] = [];
  for (const [index, value] of (list ?? []).entries()) {
    const item = parseItem(schema, value, source, [key, index], report);
    const name = child(value, 'name');
    if (item === undefined) broken = true;
    else items.push({ ...item, name: typeof name === 'string' ? name : '' });
  }
  return { items, broken };
}
