import { isSource, type Rule } from './source-file.ts';

/** Every scenario is a file to run and the output that it must print. */
export const scenarioFolders: Rule = (files) => {
  const folders = new Map<string, string[]>();
  for (const { path } of files) {
    const [, name, rest] = /^scenarios\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (name !== undefined && rest !== undefined) folders.set(name, [...(folders.get(name) ?? []), rest]);
  }
  return [...folders].flatMap(([name, within]) => {
    const wrong: string[] = [];
    if (!within.includes('scenario.yaml')) wrong.push(`scenarios/${name}: no scenario.yaml`);
    if (!within.some((file) => file.endsWith('.out')))
      wrong.push(`scenarios/${name}: no expected output (*.out)`);
    return wrong;
  });
};

const PARTS = /^ \* (Why|Intuition|Rules|Law|State|Differs|Omits)\. /m;

/** A model or a machine opens with its theory: what it does and at least one of the parts that say why it is so. */
export const theoryStatements: Rule = (files) =>
  files
    .filter(
      (file) =>
        isSource(file) &&
        /\/src\/(.+\/)?(model|machine)\//.test(file.path) &&
        !file.path.endsWith('/index.ts'),
    )
    .filter(({ text }) => {
      const head = /^\/\*\*\n \* \S[\s\S]*?\*\//.exec(text)?.[0] ?? '';
      return !PARTS.test(head);
    })
    .map(({ path }) => `${path}: does not open with a theory statement`);
