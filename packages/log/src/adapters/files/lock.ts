/**
 * The lock keeps a second writer off a log's folder; readers need none.
 *
 * Rules.  1. The lock file names its process by pid and start time, so that a pid used again is not taken for its
 *            holder.
 *         2. It appears whole or not at all, by a link that fails when there is one.
 *         3. A dead process's lock is moved aside and only then replaced; if it turns out that another process was
 *            faster, the moved lock is put back.
 * Omits.  Processes that do not see each other's pids (two containers, two hosts) do not keep each other off.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogError } from '../../errors.ts';
import { access, isSystemError, readWhole } from './io.ts';

const lockFile = 'lock';
// A lock that keeps changing hands is somebody else's, not stale.
const attemptsMax = 5;

/** Takes the lock and gives the function that lets go of it. @throws LogError ORRERY_LOG_LOCKED, ORRERY_LOG_IO */
export function takeLock(folder: string): () => void {
  const path = join(folder, lockFile);
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (linkWhole(path, own)) return () => release(path, own);
    const held = textOf(path);
    if (held === undefined) continue;
    const pid = livePid(held);
    if (pid !== undefined) throw locked(pid);
    moveAside(path, held);
  }
  throw locked(undefined);
}

/** Pid of the living process that writes this log, or undefined. */
export function lockHolder(folder: string): number | undefined {
  const held = textOf(join(folder, lockFile));
  return held === undefined ? undefined : livePid(held);
}

function locked(pid: number | undefined): LogError {
  if (pid === undefined)
    return new LogError('ORRERY_LOG_LOCKED', 'several processes are trying at once', { file: lockFile });
  return new LogError('ORRERY_LOG_LOCKED', `process ${pid} holds it`, { file: lockFile, pid });
}

function linkWhole(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  return access(path, () => {
    writeFileSync(temporary, text);
    try {
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (isSystemError(error) && error.code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

function moveAside(path: string, stale: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return;
    access(path, () => {
      throw error;
    });
  }
  if (textOf(aside) !== stale) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}

function release(path: string, own: string): void {
  if (textOf(path) === own) rmSync(path, { force: true });
}

function textOf(path: string): string | undefined {
  const bytes = readWhole(path);
  return bytes && new TextDecoder().decode(bytes);
}

/** The process a lock names, if it lives. A lock that names none is nobody's. */
function livePid(text: string): number | undefined {
  const match = /^(\d{1,10}) (\d{1,20})\n$/.exec(text);
  if (match === null) return undefined;
  const pid = Number(match[1]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ESRCH') return undefined;
  }
  return startOf(pid) === match[2] ? pid : undefined;
}

/** When a process started, in the kernel's ticks since boot; '0' where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name is in parentheses and may hold spaces; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '0';
  }
}
