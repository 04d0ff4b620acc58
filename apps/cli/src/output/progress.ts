/** How far a run has come, drawn on standard error while a person looks; nothing in a pipe. */
import { SingleBar } from 'cli-progress';
import { formatTime } from '@orrery/spec';
import type { Terminal } from '../terminal.ts';

export interface Progress {
  /** @param time simulated ns */
  at(time: number): void;
  /** Makes room for a line of output; the bar comes back at the next `at`. */
  clear(): void;
  done(): void;
}

const silent: Progress = { at: () => undefined, clear: () => undefined, done: () => undefined };

/** @param durationNs where the run ends */
export function runProgress(terminal: Terminal, durationNs: number, wanted: boolean): Progress {
  if (!wanted || !terminal.interactive) return silent;
  const bar = new SingleBar({
    format: '    {bar} {simulated} of {whole}',
    barsize: 40,
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  });
  const whole = formatTime(durationNs).slice(0, 8);
  bar.start(durationNs, 0, { simulated: '00:00:00', whole });
  return {
    at: (time) => bar.update(time, { simulated: formatTime(time).slice(0, 8) }),
    clear: () => void process.stderr.write('\r\u001b[K'),
    done: () => bar.stop(),
  };
}

/** How many of a known number of things are done. @param noun plural, `forks` */
export function countProgress(terminal: Terminal, noun: string, total: number, wanted: boolean): Progress {
  if (!wanted || !terminal.interactive) return silent;
  const bar = new SingleBar({
    format: `    {bar} {value} of {total} ${noun}`,
    barsize: 40,
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(total, 0);
  return {
    at: (done) => bar.update(done),
    clear: () => void process.stderr.write('\r\u001b[K'),
    done: () => bar.stop(),
  };
}
