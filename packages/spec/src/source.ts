/**
 * A file as text, its YAML or JSON as a tree that knows its places, and the plain value of it. Nothing in a file makes
 * this throw: what cannot be read is a problem with its line and column.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { jsonFault } from './json-place.ts';
import { formatPath, type Path, type Problem, type Report } from './problem.ts';

/** Files by path, as the caller reaches them; undefined: there is none. Bytes are checked to be UTF-8. */
export interface FileSource {
  read(path: string): string | Uint8Array | undefined;
}

/** A parsed file. `base` is where, in the file, the value sits that paths are relative to. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly base: Path;
  /** Paths that `--set` wrote, as typed: they have no place in the file. */
  readonly sets: readonly { readonly path: Path; readonly text: string }[];
}

export const fileBytesMax = 4 * 1024 * 1024;
const aliasesMax = 100;
const depthMax = 64;

/** Path of a file named in another: relative to the folder of that one. */
export function siblingPath(file: string, name: string): string {
  if (name.startsWith('/')) return name;
  const parts = file.split('/').slice(0, -1);
  for (const part of name.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The file's tree, or undefined after saying why not. */
export function readSource(
  files: FileSource,
  file: string,
  language: 'YAML' | 'JSON',
  report: Report,
): Source | undefined {
  const refuse = (message: string, line = 0, column = 0): undefined => {
    report.problems.push({ file, line, column, path: '', message });
  };
  const content = files.read(file);
  if (content === undefined) return refuse('cannot be read: there is no such file');
  if (content.length > fileBytesMax) return refuse('is too large: at most 4 MiB are read');
  const text = typeof content === 'string' ? content : new TextDecoder('utf-8').decode(content);
  const bad = text.indexOf('\uFFFD');
  if (bad >= 0) {
    const before = text.slice(0, bad).split('\n');
    return refuse('is not UTF-8 text', before.length, before.at(-1)!.length + 1);
  }
  if (tooDeep(text)) return refuse(`is nested too deeply: at most ${depthMax} levels are read`);
  return parse(file, text, language, report);
}

/** A quick bound on nesting before the parser, which recurses, sees the text. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '[' || c === '{') depth++;
    else if ((c === ']' || c === '}') && depth > 0) depth--;
    if (depth > depthMax) return true;
  }
  return /(^|\n) *(- ){65}/.test(text) || /(^|\n) {2000}/.test(text);
}

function parse(file: string, text: string, language: 'YAML' | 'JSON', report: Report): Source | undefined {
  const lines = new LineCounter();
  const at = (offset: number, message: string): void => {
    const { line, col } = lines.linePos(offset);
    report.problems.push({ file, line, column: col, path: '', message });
  };
  const fault = language === 'JSON' ? jsonFault(text) : undefined;
  if (fault !== undefined) {
    const before = text.slice(0, fault).split('\n');
    const message = fault === text.length ? 'is not JSON: it ends too early' : 'is not JSON from here on';
    report.problems.push({ file, line: before.length, column: before.at(-1)!.length + 1, path: '', message });
    return undefined;
  }
  let document: Document;
  try {
    // A tab is white space to JSON but not to YAML; one character for one keeps the columns.
    const read = language === 'JSON' ? text.replaceAll('\t', ' ') : text;
    document = parseDocument(read, { lineCounter: lines, prettyErrors: false, strict: true });
  } catch {
    report.problems.push({ file, line: 1, column: 1, path: '', message: `is not ${language}` });
    return undefined;
  }
  const faults = document.errors.length > 0 ? document.errors : document.warnings;
  const twice = faults.filter((fault) => fault.code === 'DUPLICATE_KEY');
  const other = faults.find((fault) => fault.code !== 'DUPLICATE_KEY');
  for (const fault of twice.slice(0, 20)) at(fault.pos[0], wording(fault.code, fault.message));
  // What follows the first mistake of syntax is mostly its consequence.
  if (other !== undefined) at(other.pos[0], wording(other.code, other.message));
  return faults.length > 0 ? undefined : { file, document, lines, base: [], sets: [] };
}

function wording(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'has this key twice in one map';
  if (code === 'MULTIPLE_DOCS') return 'holds a second document (---); one is read';
  return `is not YAML here: ${message.replace(/\s+/g, ' ')}`;
}

/** The plain value of the tree at the source's base, or undefined after saying why there is none. */
export function valueOf(source: Source, report: Report): unknown {
  try {
    const value: unknown = source.document.toJS({ maxAliasCount: aliasesMax });
    return source.base.reduce((within, part) => child(within, part), value);
  } catch (thrown) {
    const reason =
      thrown instanceof ReferenceError ? 'its aliases expand to too much' : 'it cannot be expanded';
    report.problems.push({
      file: source.file,
      line: 1,
      column: 1,
      path: '',
      message: `is refused: ${reason}`,
    });
    return undefined;
  }
}

export function child(value: unknown, part: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
  return (value as Record<string | number, unknown>)[part];
}

/** Says that the value (or the key) at a path is wrong. */
export function problemAt(
  source: Source,
  path: Path,
  message: string,
  at: 'value' | 'key' = 'value',
): Problem {
  const full = [...source.base, ...path];
  const set = source.sets.find((one) => one.path.every((part, i) => part === full[i]));
  if (set !== undefined) {
    return { file: `--set ${set.text}`, line: 0, column: 0, path: formatPath(full), message };
  }
  const { line, col } = source.lines.linePos(offsetOf(source.document, full, at));
  return {
    file: source.file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: formatPath(full),
    message,
  };
}

/** Where a path stands; for what is missing, where the innermost thing stands that would hold it. */
function offsetOf(document: Document, path: Path, at: 'value' | 'key'): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      next = at === 'key' && depth === path.length - 1 ? pair?.key : pair?.value;
    } else if (isSeq(node)) next = node.items[Number(part)];
    const start = rangeStart(next);
    if (start === undefined) return offset;
    offset = start;
    node = next;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null ? ((node as Node).range?.[0] ?? undefined) : undefined;
}
