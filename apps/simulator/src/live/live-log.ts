/** A log that is written, followed and asked while the run goes on. */
import { writeMemoryLog, type LogWriter, type MemoryLog } from '@orrery/log';
import type { Batch } from '@orrery/proto';
import type { Answer, FactHistory, Patience, Question } from '@orrery/headnode/control';

export interface LiveLog {
  readonly writer: LogWriter;
  readonly history: FactHistory;
  /** Its folder; '' when it is in memory. */
  readonly folder: string;
  /** Batches written since the last call, in order; at first those it had at the beginning. */
  fresh(): Iterable<Batch>;
}

/** Answers and exports from the log, beside the run. */
export interface LogReaders {
  /** @param at ns */
  ask(question: Question & { at: number }, patience: Patience): Promise<Answer>;
  exportLog(format: string, patience: Patience): AsyncIterable<Uint8Array>;
}

/** A log in memory, for tests and short lives: it grows without bound. */
export function memoryLiveLog(log: MemoryLog, writer: LogWriter = writeMemoryLog(log)): LiveLog {
  let seen = 0;
  return {
    writer,
    history: { batches: (after) => log.batches.slice(after) },
    folder: '',
    fresh: () => {
      const batches = log.batches.slice(seen);
      seen = log.batches.length;
      return batches;
    },
  };
}
