/** `--set path=value`: changes to a parsed file before it is checked. */
import { isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml';
import type { Path, Problem } from './problem.ts';
import type { Source } from './source.ts';

/** Parts of `vms[3].cpu_cap` or `vms.web.cpu_cap`; undefined when it is no path. */
export function parsePath(text: string): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  const term = /(?:^|\.)([\w:-]+)|\[(\d{1,6})\]/gy;
  let end = 0;
  for (let found = term.exec(text); found !== null; found = term.exec(text)) {
    parts.push(found[2] === undefined ? found[1]! : Number(found[2]));
    end = term.lastIndex;
  }
  return end === text.length && parts.length > 0 ? parts : undefined;
}

/** In a list, a name stands for the item that bears it. */
function indexed(document: Document, parts: readonly (string | number)[]): Path | undefined {
  const path: (string | number)[] = [];
  for (const part of parts) {
    const parent: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
    if (!isSeq(parent)) path.push(part);
    else if (typeof part === 'number' || /^\d+$/.test(part)) {
      if (Number(part) > parent.items.length) return undefined;
      path.push(Number(part));
    } else {
      const at = parent.items.findIndex((item) => isMap(item) && item.get('name') === part);
      if (at < 0) return undefined;
      path.push(at);
    }
  }
  return path;
}

/** Applies each `path=value` in turn; the value is read as YAML. The source's tree is changed in place. */
export function applySets(source: Source, sets: readonly string[], problems: Problem[]): Source {
  const done: { path: Path; text: string }[] = [...source.sets];
  for (const text of sets) {
    const refuse = (message: string): void => {
      problems.push({ file: `--set ${text}`, line: 0, column: 0, path: '', message });
    };
    const equals = text.indexOf('=');
    const parts = equals < 0 ? undefined : parsePath(text.slice(0, equals));
    if (parts === undefined) {
      refuse('expected path=value, for instance vms.web.cpu_cap=250');
      continue;
    }
    const value = parseDocument(text.slice(equals + 1), { prettyErrors: false });
    const path = value.errors.length > 0 ? undefined : indexed(source.document, parts);
    if (path === undefined || !settable(source.document, path)) {
      refuse(value.errors.length > 0 ? 'the value is not YAML' : 'the file has no such place');
      continue;
    }
    source.document.setIn(path, source.document.createNode(value.toJS()));
    done.push({ path, text });
  }
  return { ...source, sets: done };
}

/** Whether each thing on the way is a map, a list or not there yet. */
function settable(document: Document, path: Path): boolean {
  if (!isMap(document.contents)) return false;
  for (let depth = 1; depth < path.length; depth++) {
    const parent: unknown = document.getIn(path.slice(0, depth), true);
    if (parent !== undefined && !isMap(parent) && !isSeq(parent))
      return isScalar(parent) && parent.value === null;
  }
  return true;
}
