import { isCode, lineAt, type Rule } from './source-file.ts';

/** Names that say nothing of what a file holds. */
const EMPTY_NAMES = ['manager', 'helper', 'helpers', 'util', 'utils', 'data', 'info', 'impl', 'misc'];

const BANNED: readonly { pattern: RegExp; why: string }[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/g, why: 'unfinished work belongs in the tracker' },
  { pattern: /(?<![\w.~-])\/(work|farm|home\/\w+|Users\/\w+)\//g, why: 'a path of one machine' },
  { pattern: /"resolved": "https?:/g, why: 'a lock names versions and hashes, no host' },
  {
    pattern: /\b(registry\.npmjs|npm\.pkg|registry\.yarnpkg|proxy\.golang|artifactory)\b/g,
    why: 'a registry host',
  },
  { pattern: /\bissues? #?\d+\b/gi, why: 'a reader of the tree has no tracker' },
];

/** The files that must name the words in order to ban them. */
const SPELT_OUT = /^test\/tidy(\.test|\/words)\.ts$/;

/** No word of unfinished work, of the machine it was written on, or of a registry. */
export const bannedWords: Rule = (files) =>
  files
    .filter(({ path }) => !SPELT_OUT.test(path))
    .flatMap(({ path, text }) =>
      BANNED.flatMap(({ pattern, why }) =>
        [...text.matchAll(pattern)].map(
          (hit) => `${path}:${lineAt(text, hit.index)}: '${hit[0].trim()}': ${why}`,
        ),
      ),
    );

/** Files are named for their one noun, in kebab-case. */
export const fileNames: Rule = (files) =>
  files.filter(isCode).flatMap(({ path }) => {
    const name = path.split('/').at(-1) ?? '';
    const wrong: string[] = [];
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(int|test|case|fixture|config|d))*\.(ts|tsx|js)$/.test(name))
      wrong.push(`${path}: not in kebab-case`);
    const empty = name.split(/[-.]/).filter((word) => EMPTY_NAMES.includes(word));
    if (empty.length > 0) wrong.push(`${path}: '${empty.join("', '")}' says nothing of what it holds`);
    return wrong;
  });

/** Every test runs. */
export const skippedTests: Rule = (files) =>
  files
    .filter((file) => isCode(file) && !SPELT_OUT.test(file.path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\b(?:it|test|describe)\.(?:skip|todo|only|fails)\b/g)].map(
        (hit) => `${path}:${lineAt(text, hit.index)}: ${hit[0]}`,
      ),
    );
