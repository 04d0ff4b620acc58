import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tracked text file: its path from the root, with forward slashes, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

/** A rule names what is wrong, one line for each place; an empty list is a pass. */
export type Rule = (files: readonly SourceFile[]) => string[];

const BINARY = /\.(png|jpe?g|gif|ico|woff2?|gz|zst|bin|parquet)$/;

/** Every file that git tracks under the root, as it is in the working tree. */
export function trackedFiles(root: string): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return listed
    .split('\0')
    .filter((path) => path !== '' && !BINARY.test(path) && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** TypeScript and JavaScript written by hand, tests included. */
export function isCode({ path }: SourceFile): boolean {
  return /\.(ts|tsx|js)$/.test(path) && !/(^|\/)(gen|dist|fixtures|golden)\//.test(path);
}

/** Code that is neither a test nor a contract that tests run. */
export function isSource(file: SourceFile): boolean {
  return isCode(file) && !/\.(test|case|fixture|config)\.tsx?$/.test(file.path);
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** The line, counted from 1, that an index of the text is on. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
