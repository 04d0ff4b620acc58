/** The command line as a person runs it: a process, its exit code and what it printed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'apps/cli/bin/orrery.js');

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
  seconds: number;
}

export interface RunOptions {
  cwd?: string;
  /** Another Node than this one. */
  node?: string;
  /** Wall ms after which it is killed with -9. */
  killAfterMs?: number;
  env?: NodeJS.ProcessEnv;
}

/** Runs any program to its end, or to its death. */
export function run(
  command: string,
  args: readonly string[],
  { cwd = root, killAfterMs, env }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...texts, seconds: (performance.now() - started) / 1000 });
    });
  });
}

export function orrery(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(options.node ?? process.execPath, [bin, ...args], options);
}

/** The object that `--json` ends with. */
export interface Summary {
  digest: string;
  seed: number;
  simSeconds: number;
  spans: { made: number; exported: number; sampledOut: number; failed: number };
}

/** @throws when the last line is no object, with what was printed instead */
export function summaryOf(ran: Ran): Summary {
  const last = ran.out.trimEnd().split('\n').at(-1) ?? '';
  if (last.startsWith('{')) return JSON.parse(last) as Summary;
  throw new Error(`no summary, exit ${ran.code ?? ran.signal}: ${ran.err.trim().split('\n').at(-1) ?? ''}`);
}

/** Every scenario that is there, or what `orrery init` writes. */
export async function scenarioFolders(scratch: string): Promise<string[]> {
  const folder = join(root, 'scenarios');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = names
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'scenario.yaml')));
  if (found.length > 0) return found;
  const starter = join(scratch, 'starter');
  await orrery(['init', starter]);
  return [starter];
}

/** Gives a folder that is gone afterwards. */
export async function inScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-proof-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
