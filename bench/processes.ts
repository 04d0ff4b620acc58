/** Other processes that a bench starts: parts of itself, and peers where they are at hand. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const peers = here('../../shared/tools/peers/peers');
const bundles = here('../node_modules/.cache/orrery-bench');

/** What a part of a bench or a peer says about one run. */
export interface PartResult {
  events: number;
  wallSeconds: number;
  /** Most memory that the process had, MiB. */
  rssMiB: number;
}

let bundled: Promise<string> | undefined;

/** The parts as one file of plain JavaScript: a loader of TypeScript would take 50 MiB of its own in each child. */
function bundle(): Promise<string> {
  bundled ??= build({
    configFile: false,
    logLevel: 'error',
    root: here('..'),
    resolve: { conditions: ['orrery-source', 'node'] },
    ssr: { noExternal: [/^@orrery\//], resolve: { conditions: ['orrery-source', 'node'] } },
    build: {
      ssr: here('child.ts'),
      outDir: bundles,
      emptyOutDir: true,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'child.js', format: 'es' } },
    },
  }).then(() => join(bundles, 'child.js'));
  return bundled;
}

/** Runs a part of a bench in a process of its own. @throws when it fails */
export async function inChild<Result extends PartResult>(
  part: string,
  numbers: readonly number[],
  flags: readonly string[] = [],
): Promise<Result> {
  const file = await bundle();
  const output = execFileSync(process.execPath, [...flags, file, part, ...numbers.map(String)], {
    encoding: 'utf8',
    cwd: here('..'),
  });
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Result;
}

/** Whether other simulators can be run beside ours here. */
export function havePeers(): boolean {
  return existsSync(peers);
}

/** Runs a peer on N heartbeats for so many simulated seconds. */
export function peer(name: 'simgrid' | 'simpy', nodes: number, forSeconds: number): PartResult {
  const output = execFileSync(peers, [name, String(nodes), String(forSeconds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim()) as PartResult;
}
