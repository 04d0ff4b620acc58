/** What a reviewer should not have to check. Each rule is shown a bad sample first: it must be able to fail. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { scenarioFolders, theoryStatements } from './tidy/folders.ts';
import { exportStar, importDirection, modelImports, xstateImports } from './tidy/imports.ts';
import { fileSizes, kernelSize, readmeSize } from './tidy/sizes.ts';
import { trackedFiles, type Rule, type SourceFile } from './tidy/source-file.ts';
import { bannedWords, fileNames, skippedTests } from './tidy/words.ts';

const tree = trackedFiles(fileURLToPath(new URL('..', import.meta.url)));

const lines = (count: number) => 'x;\n'.repeat(count);
const file = (path: string, text: string): SourceFile => ({ path, text });
const packages = ['proto', 'packages/kernel', 'packages/spec', 'services/net', 'services/storage'].map(
  (folder) => file(`${folder}/package.json`, JSON.stringify({ name: `@orrery/${folder.split('/').at(-1)}` })),
);
const theory = '/**\n * Wear grows.\n *\n * Why.  It does.\n * Law.  w = t.\n */\n';

/** A rule, trees that it must refuse (each for one reason), and one that it must accept. */
const rules: { name: string; rule: Rule; bad: SourceFile[][]; good: SourceFile[] }[] = [
  {
    name: 'file sizes',
    rule: fileSizes,
    bad: [
      [
        ...Array.from({ length: 10 }, (_, n) => file(`packages/log/src/a${n}.ts`, lines(9))),
        file('packages/log/src/z.ts', lines(501)),
      ],
      [file('packages/log/src/a.ts', lines(100))],
      [
        file('packages/log/src/a.ts', lines(9)),
        file('packages/log/src/b.ts', lines(9)),
        file('packages/log/src/c.ts', lines(300)),
      ],
    ],
    good: [
      file('packages/log/src/a.ts', lines(99)),
      file('packages/log/src/a.test.ts', lines(900)),
      file('proto/src/gen/a.ts', lines(900)),
    ],
  },
  {
    name: 'kernel size',
    rule: kernelSize,
    bad: [[file('packages/kernel/src/a.ts', lines(400)), file('packages/kernel/src/b.ts', lines(200))]],
    good: [file('packages/kernel/src/a.ts', lines(599)), file('packages/kernel/src/a.test.ts', lines(900))],
  },
  {
    name: 'README size',
    rule: readmeSize,
    bad: [[file('README.md', lines(150))]],
    good: [file('README.md', lines(149)), file('docs/README.md', lines(900))],
  },
  {
    name: 'banned words',
    rule: bannedWords,
    bad: [
      [file('a.ts', '// TODO: later')],
      [file('a.md', 'see /work/farm/x')],
      [file('a.yaml', 'path: "/home/ann/x"')],
      [file('package-lock.json', '"resolved": "https://example.org/x.tgz"')],
      [file('a.md', 'from registry.npmjs.org')],
      [file('a.md', 'as issue 12 says')],
    ],
    good: [
      file(
        'a.ts',
        "const method = todo(); import './work/a.ts'; // https://example.org/work/a; the time of issue is 250 µs",
      ),
    ],
  },
  {
    name: 'file names',
    rule: fileNames,
    bad: [
      [file('packages/log/src/batchManager.ts', '')],
      [file('packages/log/src/batch-utils.ts', '')],
      [file('packages/log/src/info.ts', '')],
    ],
    good: [
      file('packages/log/src/run-set.test.ts', ''),
      file('apps/console/vite.config.ts', ''),
      file('a.int.test.ts', ''),
    ],
  },
  {
    name: 'skipped tests',
    rule: skippedTests,
    bad: [[file('a.test.ts', "test.skip('x', f)")], [file('a.test.ts', "describe.only('x', f)")]],
    good: [file('a.test.ts', "test('skip', f)")],
  },
  {
    name: 'import direction',
    rule: importDirection,
    bad: [
      [...packages, file('services/net/src/a.ts', "import { b } from '@orrery/storage';")],
      [...packages, file('packages/kernel/src/a.ts', "export { b } from '@orrery/proto';")],
      [...packages, file('packages/kernel/src/a.ts', "import { b } from 'xstate';")],
      [...packages, file('packages/spec/src/a.ts', "import {\n  b,\n} from '@orrery/kernel';")],
      [...packages, file('services/net/src/a.ts', "import { b } from '../../storage/src/b.ts';")],
      [...packages, file('services/net/src/a.ts', "const b = await import('@orrery/storage');")],
    ],
    good: [
      ...packages,
      file('services/net/src/a.ts', "import { b } from '@orrery/kernel';\nimport c from './model/c.ts';"),
      file('packages/kernel/src/a.ts', "import { b } from 'pure-rand/generator/xoroshiro128plus';"),
      file('apps/cli/src/a.ts', "import { b } from '@orrery/storage';"),
    ],
  },
  {
    name: 'what models import',
    rule: modelImports,
    bad: [
      [file('services/net/src/model/a.ts', "import { setup } from 'xstate';")],
      [file('services/net/src/model/a.ts', "import { b } from '@orrery/bus';")],
      [file('services/net/src/model/a.ts', "import { b } from '../machine/b.ts';")],
    ],
    good: [
      file(
        'services/net/src/model/a.ts',
        "import { MS } from '@orrery/kernel';\nimport { b } from './b.ts';",
      ),
    ],
  },
  {
    name: 'where xstate is imported',
    rule: xstateImports,
    bad: [[file('services/net/src/actor.ts', "import { setup } from 'xstate';")]],
    good: [
      file('services/net/src/machine/a.ts', "import { setup } from 'xstate';"),
      file('packages/actor/src/a.ts', "import { setup } from 'xstate';"),
    ],
  },
  {
    name: 'export *',
    rule: exportStar,
    bad: [
      [file('packages/log/src/index.ts', "export * from './a.ts';")],
      [file('a.ts', "export type * as b from './a.ts';")],
    ],
    good: [
      file('packages/log/src/index.ts', "export { a } from './a.ts';\nexport type * from './gen/a.ts';"),
    ],
  },
  {
    name: 'scenario folders',
    rule: scenarioFolders,
    bad: [[file('scenarios/a/expected.out', '')], [file('scenarios/a/scenario.yaml', '')]],
    good: [
      file('scenarios/a/scenario.yaml', ''),
      file('scenarios/a/expected.out', ''),
      file('scenarios/README.md', ''),
    ],
  },
  {
    name: 'theory statements',
    rule: theoryStatements,
    bad: [
      [file('services/net/src/model/a.ts', 'export const a = 1;\n')],
      [file('services/net/src/machine/a.ts', '/** Wear grows. */\n')],
      [file('services/net/src/model/a.ts', `import './b.ts';\n${theory}`)],
    ],
    good: [
      file('services/net/src/model/a.ts', theory),
      file('services/net/src/model/a.test.ts', ''),
      file('services/net/src/actor.ts', ''),
    ],
  },
];

describe.each(rules)('$name', ({ rule, bad, good }) => {
  test.each(bad.map((files, at) => ({ at, files })))('bad sample $at is refused', ({ files }) => {
    expect(rule(files)).toHaveLength(1);
  });

  test('a good sample is accepted', () => expect(rule(good)).toEqual([]));

  test('the tree is tidy', () => expect(rule(tree)).toEqual([]));
});

test('the tree was read', () => expect(tree.length).toBeGreaterThan(50));
