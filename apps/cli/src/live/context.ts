/** Where the datacenter is that commands without `--connect` mean: kept in a file that only its owner can read. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SavedContext {
  /** `HOST:PORT`. */
  address: string;
  token?: string;
  /** Root certificate, PEM; '' for the well-known ones. */
  tls?: string;
  /** Id of the run, so that only its own context is removed when it ends. */
  runId?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function contextPath(environment: Environment = process.env): string {
  const config = environment.XDG_CONFIG_HOME ?? join(environment.HOME ?? homedir(), '.config');
  return join(config, 'orrery', 'context.json');
}

const deployFolder = fileURLToPath(new URL('../../../../deploy', import.meta.url));

/** Where the containers of `deploy/` leave theirs: in the folder that this program is part of, or where they were told. */
function deployedPath(environment: Environment = process.env): string {
  return resolve(deployFolder, environment.ORRERY_CONTEXT_FOLDER ?? 'run', 'context.json');
}

/** What is known, best first: the datacenter that was begun by hand, and that of the containers. */
export function knownContexts(): SavedContext[] {
  return [readContext(), readContext(deployedPath())].filter((context) => context !== undefined);
}

/** undefined when there is none, or it is no context. */
export function readContext(path = contextPath()): SavedContext | undefined {
  try {
    const saved = JSON.parse(readFileSync(path, 'utf8')) as Partial<SavedContext>;
    return typeof saved.address === 'string' ? (saved as SavedContext) : undefined;
  } catch {
    return undefined;
  }
}

export function saveContext(context: SavedContext, path = contextPath()): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(context, undefined, 2)}\n`, { mode: 0o600 });
}

/** Removes the context of a run that has ended. */
export function forgetContext(runId: string, path = contextPath()): void {
  if (readContext(path)?.runId === runId) rmSync(path, { force: true });
}
