/** How far a sweep is: a bar while a person looks, else a line each tenth. */
import type { RunResult } from '@orrery/simulator/sweep';
import { countProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';

export interface SweepProgress {
  /** @param done results there are @param result the last of them */
  at(done: number, result: RunResult): void;
  /** A line of its own, above the bar. */
  say(line: string): void;
  done(): void;
}

const LINES = 10;

/** @param before results that were there already */
export function sweepProgress(terminal: Terminal, total: number, before: number): SweepProgress {
  const bar = countProgress(terminal, 'runs', total, before < total);
  if (before > 0) {
    terminal.err(`${before} of ${total} runs were done before`);
    bar.at(before);
  }
  let failed = 0;
  let told = Math.floor((before * LINES) / total);
  const line = (done: number): string => {
    const broken = failed === 0 ? '' : `, ${failed} with a check that did not hold or an error`;
    return `${done} of ${total} runs${broken}`;
  };
  return {
    at: (done, { error, checks }) => {
      if (error !== '' || checks.some(({ ok }) => !ok)) failed++;
      bar.at(done);
      const tenth = Math.floor((done * LINES) / total);
      if (terminal.interactive || tenth === told) return;
      told = tenth;
      terminal.err(line(done));
    },
    say: (text) => {
      bar.clear();
      terminal.err(text);
    },
    done: () => bar.done(),
  };
}
