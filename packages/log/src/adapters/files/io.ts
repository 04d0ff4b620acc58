/** File access whose failures name the file: every refusal of the file system becomes a coded error. */
import { fsyncSync, openSync, closeSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { LogError } from '../../errors.ts';

/** Runs a file operation. @throws LogError ORRERY_LOG_IO naming the file */
export function access<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof LogError || !isSystemError(error)) throw error;
    throw new LogError('ORRERY_LOG_IO', `${path}: ${error.message}`, { file: basename(path) });
  }
}

/** Whether the error is the system's, with a code such as ENOENT. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/** The whole file; undefined when there is none. @throws LogError ORRERY_LOG_IO */
export function readWhole(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    return access(path, () => {
      throw error;
    });
  }
}

/** Writes all of `bytes[start, end)` at a place of an open file. @param position byte offset in the file */
export function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  { start, end, position }: { start: number; end: number; position: number },
): void {
  let at = start;
  while (at < end) at += writeSync(descriptor, bytes, at, end - at, position + at - start);
}

/** Where a write stops half-way, for tests of sudden death. */
export interface Interruption {
  /** Half of the bytes are in the temporary file. */
  halfWritten?: () => void;
  /** All of them are, and the file has not its name yet. */
  beforeRename?: () => void;
}

/** Puts a file in place whole: a temporary file beside it, then a rename. @throws LogError ORRERY_LOG_IO */
export function putFile(path: string, bytes: Uint8Array, sync: boolean, interrupt: Interruption = {}): void {
  const temporary = `${path}.tmp`;
  access(path, () => {
    const descriptor = openSync(temporary, 'w');
    try {
      const half = bytes.length >>> 1;
      writeAll(descriptor, bytes, { start: 0, end: half, position: 0 });
      interrupt.halfWritten?.();
      writeAll(descriptor, bytes, { start: half, end: bytes.length, position: half });
      if (sync) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    interrupt.beforeRename?.();
    renameSync(temporary, path);
  });
}
