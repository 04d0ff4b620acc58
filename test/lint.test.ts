/** The linter refuses what would make a run depend on anything but its spec, seed and commands. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A line of code, and the rule that must refuse it in a service. */
const FORBIDDEN: [code: string, rule: string][] = [
  ['export const a = Date.now();', 'no-restricted-globals'],
  ['export const a = performance.now();', 'no-restricted-globals'],
  ['setTimeout(() => {}, 1);', 'no-restricted-globals'],
  ['export const a = process.pid;', 'no-restricted-globals'],
  ['export const a = crypto.randomUUID();', 'no-restricted-globals'],
  ["export const a = fetch('http://localhost');", 'no-restricted-globals'],
  ['export const a = globalThis.Date;', 'no-restricted-globals'],
  ['export const a = Math.random();', 'no-restricted-properties'],
  ['export const a = Math.log(2);', 'no-restricted-properties'],
  ['export const { pow } = Math;', 'no-restricted-properties'],
  ["export const a = 'a'.localeCompare('b');", 'no-restricted-properties'],
  ['export const a = (b: number) => b ** 2;', 'no-exponent'],
  ['export function a(b: number) { b **= 2; return b; }', 'no-exponent'],
  ["import { readFileSync } from 'node:fs';\nexport const a = readFileSync;", 'no-restricted-imports'],
  ["import { join } from 'path';\nexport const a = join;", 'no-restricted-imports'],
  ["import { b } from '@orrery/kernel/src/queue.ts';\nexport const a = b;", 'no-restricted-imports'],
  ["import { b } from '../dist/b.js';\nexport const a = b;", 'no-restricted-imports'],
  ['export async function a(b: Promise<void>) { await b; }', 'no-async-await'],
  ['export const a = (b: any) => b as number;', 'no-explicit-any'],
];

let folder: string;
/** The rules that refused each file, by its path from the folder. */
const refused = new Map<string, string[]>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-lint-'));
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as { options: object };
  // The rules under test need no types, and a folder by itself has no type checker.
  writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, options: {} }));
  cpSync(join(root, 'test/tidy/portable.js'), join(folder, 'test/tidy/portable.js'), { recursive: true });
  FORBIDDEN.forEach(([code], at) => {
    for (const place of ['services/net/src', 'services/net/src/adapters', 'apps/cli/src']) {
      const path = join(folder, place, `sample-${at}.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${code}\n`);
    }
  });
  const { diagnostics } = JSON.parse(oxlint()) as { diagnostics: { code: string; filename: string }[] };
  for (const { code, filename } of diagnostics)
    refused.set(filename, [...(refused.get(filename) ?? []), code]);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Oxlint's report; it exits with 1 where it finds something, which is what these samples are for. */
function oxlint(): string {
  const bin = join(root, 'node_modules/oxlint/bin/oxlint');
  try {
    return execFileSync(process.execPath, [bin, '-f', 'json', '.'], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test.each(FORBIDDEN.map(([code, rule], at) => ({ code, rule, at })))('$rule: $code', ({ rule, at }) => {
  expect(refused.get(`services/net/src/sample-${at}.ts`)?.join()).toContain(rule);
});

test('adapters and the CLI may know Node, the clock and chance', () => {
  const rules = [...refused].filter(([path]) => /adapters|apps/.test(path)).flatMap(([, codes]) => codes);
  expect(rules.filter((code) => !/no-explicit-any|no-restricted-imports/.test(code))).toEqual([]);
});
