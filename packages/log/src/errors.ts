/** Every error of the log that a caller can act on: one row each. */
interface ErrorRow {
  /** What is wrong, in one line. */
  readonly message: string;
  /** Why it happens, and what to do. */
  readonly cause: string;
}

export const logErrors = {
  ORRERY_LOG_NOT_FOUND: {
    message: 'there is no log here',
    cause:
      'The folder does not exist or holds no log header: a wrong path, or a run that died before its first event.',
  },
  ORRERY_LOG_EXISTS: {
    message: 'the folder already holds a log',
    cause: 'A run never writes over another. Give a new folder, or resume the run that is there.',
  },
  ORRERY_LOG_LOCKED: {
    message: 'another process is writing this log',
    cause:
      'One process writes a log at a time. End the named process, or wait for it; a dead process needs no care.',
  },
  ORRERY_LOG_DAMAGED: {
    message: 'the log is damaged before its end',
    cause:
      'Bytes that were once complete have changed or are gone, so what follows cannot be trusted. Restore the named file from a copy; nothing was changed.',
  },
  ORRERY_LOG_VERSION: {
    message: 'the log has another format version',
    cause:
      'It was written by another release. Newer layouts need that release; older ones can be read but not continued.',
  },
  ORRERY_LOG_ENGINE: {
    message: 'the log was written by another engine',
    cause:
      'The rules of the simulation have changed since, so recomputing gives other facts. Use the release with that engine; cat, verify and export work with any.',
  },
  ORRERY_LOG_ENDED: {
    message: 'the run has already ended',
    cause: 'There is nothing to resume: the log holds the whole run and its digest.',
  },
  ORRERY_LOG_DIVERGED: {
    message: 'the recomputed run differs from the log',
    cause:
      'A fact or command came out otherwise than it was logged. The engine is not deterministic or was changed without a new number: this is a bug worth reporting with the log.',
  },
  ORRERY_LOG_IO: {
    message: 'the file system refused',
    cause:
      'The named file could not be read or written: no space, no permission, or a failing disk. What was committed before stays readable.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type LogErrorCode = keyof typeof logErrors;

/** Where and what: only the fields that apply are there. */
export interface LogErrorFields {
  /** File name within the log's folder. */
  readonly file?: string;
  /** Byte offset in that file at which the trouble starts. */
  readonly offset?: number;
  /** Process that holds the lock. */
  readonly pid?: number;
  /** What was found. */
  readonly found?: string;
  /** What is needed. */
  readonly needed?: string;
}

/** An error of the table above, with its place. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly fields: LogErrorFields;

  /** @param detail what is particular about this case; follows the table's message after a colon */
  constructor(code: LogErrorCode, detail: string, fields: LogErrorFields = {}) {
    super(`${logErrors[code].message}: ${detail}`);
    this.code = code;
    this.fields = fields;
  }
}

/** Damage with its place, worded one way everywhere. @param offset bytes from the file's start */
export function damaged(file: string, offset: number, reason: string): LogError {
  return new LogError('ORRERY_LOG_DAMAGED', `${file} at byte ${offset}: ${reason}`, { file, offset });
}
