/** Every error of the bus that a caller can act on: one row each. */
interface ErrorRow {
  /** What is wrong, in one line. */
  readonly message: string;
  /** Why it happens, and what to do. */
  readonly cause: string;
}

export const busErrors = {
  ORRERY_BUS_DIVERGED: {
    message: 'a recomputed window differs from the stored one',
    cause:
      'A replica came to other results than the stream holds, or than its peers did. The engine is not deterministic, or the processes of the run are of different releases: start all of them from one release; if they were, report it with the stream.',
  },
  ORRERY_BUS_EARLY: {
    message: 'a message is due before its window allows',
    cause:
      'A service sent a message with less than the lookahead, or a promise was broken. This is a bug worth reporting with the seed.',
  },
  ORRERY_BUS_SUPERSEDED: {
    message: 'another headnode runs this run',
    cause:
      'The stream holds a boundary message of another process. Only one may close boundaries: this one stops; start it again to take over where the other left.',
  },
  ORRERY_BUS_PURGED: {
    message: 'the stream no longer holds what this replica needs',
    cause:
      'Windows below the oldest snapshot pointer are gone, and this process stands before them: another process of the same replica has gone ahead. Start it again from its snapshot.',
  },
  ORRERY_BUS_MALFORMED: {
    message: 'a stored message cannot be read',
    cause: 'Something else writes to the run’s subjects, or a newer release does. Nothing of it took effect.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type BusErrorCode = keyof typeof busErrors;

/** An error of the table above, with its place. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;

  /** @param detail what is particular about this case; follows the table's message after a colon */
  constructor(code: BusErrorCode, detail: string) {
    super(`${busErrors[code].message}: ${detail}`);
    this.code = code;
  }
}
