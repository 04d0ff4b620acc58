import { posix } from 'node:path';
import { isCode, isSource, lineAt, type Rule, type SourceFile } from './source-file.ts';

/** What each layer may import beside itself; apps, test and bench may import everything. */
const BELOW: Record<string, readonly string[]> = {
  proto: [],
  'packages/kernel': [],
  'packages/log': ['proto', 'packages/kernel'],
  'packages/bus': ['proto', 'packages/kernel'],
  'packages/actor': ['proto', 'packages/kernel', 'packages/log', 'packages/bus'],
  'packages/spec': ['proto'],
  'packages/dlang': ['proto'],
  services: [
    'proto',
    'packages/kernel',
    'packages/log',
    'packages/bus',
    'packages/actor',
    'packages/spec',
    'packages/dlang',
  ],
};

/** The packages from outside that a layer may import, where that is limited. */
const OUTSIDE: Record<string, readonly string[]> = { 'packages/kernel': ['pure-rand'] };

/** `import … from 'x'`, `import 'x'`, `export … from 'x'` and `import('x')`; a declaration with `=` is none of them. */
const IMPORT = /(?:^\s*(?:import|export)\s(?:[^'"`;=()]*?\bfrom\s*)?|\bimport\s*\(\s*)['"]([^'"]+)['"]/gm;

interface Import {
  specifier: string;
  place: string;
  typesOnly: boolean;
}

function importsOf({ path, text }: SourceFile): Import[] {
  const found = text.matchAll(IMPORT);
  return [...found].map((hit) => ({
    specifier: hit[1] ?? '',
    place: `${path}:${lineAt(text, hit.index)}`,
    typesOnly: /^\s*(import|export)\s+type\b/.test(hit[0]),
  }));
}

/** The folder of the workspace package that a file is in: `packages/log`, `services/net`, `proto`, else ''. */
function packageOf(path: string): string {
  return /^(?:proto|(?:packages|services|apps)\/[^/]+)(?=\/)/.exec(path)?.[0] ?? '';
}

function packageNames(files: readonly SourceFile[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { path, text } of files) {
    if (path !== `${packageOf(path)}/package.json`) continue;
    names.set((JSON.parse(text) as { name: string }).name, packageOf(path));
  }
  return names;
}

/** Imports go one way, proto → kernel → log and bus → actor → services → apps, and a service imports no other. */
export const importDirection: Rule = (files) => {
  const names = packageNames(files);
  return files.filter(isCode).flatMap((file) => {
    const own = packageOf(file.path);
    const layer = own.startsWith('services/') ? 'services' : own;
    const allowed = BELOW[layer];
    return importsOf(file).flatMap(({ specifier, place }) => {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(file.path), specifier);
        return own === '' || target.startsWith(`${own}/`) ? [] : [`${place}: ${specifier} leaves ${own}`];
      }
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      const target = names.get(name);
      if (target === undefined) {
        const outside = isSource(file) ? OUTSIDE[layer] : undefined;
        return outside && !outside.includes(name) ? [`${place}: ${own} may not import ${name}`] : [];
      }
      if (target === own || allowed === undefined || allowed.includes(target)) return [];
      return [`${place}: ${own} may not import ${target}`];
    });
  });
};

/**
 * A model is arithmetic: it knows no statechart, bus or queue, nor any package from outside; of what is handed to it by
 * its actor it may know the types.
 */
export const modelImports: Rule = (files) =>
  files
    .filter((file) => isSource(file) && /^services\/[^/]+\/src\/(.+\/)?model\//.test(file.path))
    .flatMap(importsOf)
    .filter(({ specifier, typesOnly }) => {
      const known = typesOnly
        ? /^(\.|@orrery\/(actor|kernel|proto|spec)$)/
        : /^(\.|@orrery\/(kernel|proto|spec)$)/;
      return !known.test(specifier) || (!typesOnly && /\/(machine|adapters)\//.test(specifier));
    })
    .map(({ specifier, place }) => `${place}: a model may not import ${specifier}`);

/** Effects and delays of statecharts go through one seam: xstate is imported by packages/actor and by machines. */
export const xstateImports: Rule = (files) =>
  files
    .filter((file) => isSource(file) && !/^(packages\/actor|bench)\/|\/machine\//.test(file.path))
    .flatMap(importsOf)
    .filter(({ specifier }) => specifier === 'xstate' || specifier.startsWith('xstate/'))
    .map(({ place }) => `${place}: xstate belongs in packages/actor and machine/`);

/** What a folder offers is named, one by one; only generated names are passed on whole. */
export const exportStar: Rule = (files) =>
  files
    .filter(isCode)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*export\s+(?:type\s+)?\*(?!\s+from\s+'\.\/gen\/)/gm)].map(
        (hit) => `${path}:${lineAt(text, hit.index)}: export *`,
      ),
    );
