/**
 * Writes the log of a run in parts as the run in one process would have written it: the same batches at the same times.
 *
 * Rules. 1. A batch ends at every multiple of the commit time, at every boundary with commands, before they are written, and
 *           where a snapshot is taken.
 *        2. A command is in the log before the facts that follow from it, and after that of the command before it.
 */
import type { MergedWindow } from '@orrery/bus';
import type { LogWriter } from '@orrery/log';
import { factNumbers, type CommandRecord } from '@orrery/proto';

/** Simulated time between commits, ns, as of a simulation. */
const COMMIT_EVERY_NS = 1_000_000_000;

export interface Recorder {
  /** Writes a whole control window. */
  write(window: MergedWindow): void;
  /** A batch ends there, and nothing after it is written yet. @param time ns */
  endAt(time: number): void;
  /** Makes durable what was written, as a question wants it. */
  commit(): void;
  /** Everything before it is written, ns. */
  readonly upTo: number;
  /** Everything before it would outlive this process, ns. */
  readonly committed: number;
}

/** @param from where the log ends that is gone on with, ns */
export function recorderOf(log: LogWriter, from = 0): Recorder {
  let written = from;
  let committed = from;
  let next = (Math.floor(from / COMMIT_EVERY_NS) + 1) * COMMIT_EVERY_NS;
  const ends: number[] = [];
  const commitTo = (time: number): void => {
    for (;;) {
      const end = Math.min(next, ends[0] ?? Infinity);
      if (end > time) return;
      log.commitBatch((committed = end));
      if (end === ends[0]) ends.shift();
      if (end === next) next += COMMIT_EVERY_NS;
    }
  };
  return {
    write: ({ from: begun, upTo, commands, facts }) => {
      commitTo(begun);
      const records = commands.flatMap(({ command, own }) =>
        command === undefined ? [] : [logged(command, own)],
      );
      if (records.length > 0) log.commitBatch(begun);
      let said = 0;
      for (const fact of facts) {
        commitTo(fact.time);
        if (fact.kind === factNumbers.commandAccepted)
          while (said < records.length && records[said].n <= fact.n) log.appendCommand(records[said++]);
        log.appendFact(fact);
      }
      for (const record of records.slice(said)) log.appendCommand(record);
      commitTo(upTo);
      written = upTo;
    },
    endAt: (time) => {
      ends.push(time);
      commitTo(written);
    },
    commit: () => log.commitBatch((committed = written)),
    get upTo() {
      return written;
    },
    get committed() {
      return committed;
    },
  };
}

/** What follows from the specification has no request id in a log: a replay finds it there. */
export function logged(command: CommandRecord, own: boolean): CommandRecord {
  return own ? { ...command, requestId: '' } : command;
}
