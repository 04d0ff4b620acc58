/** `orrery when`: how long until something is back, by forks of the run. */
import { requireEngine } from '@orrery/log';
import {
  decodeSnapshot,
  encodeSnapshot,
  engine,
  FORKS,
  FORKS_MS,
  momentAt,
  when,
  whenLines,
} from '@orrery/simulator';
import { Refusal } from '../exit.ts';
import { answerJson, readQuestion, type QuestionOptions } from '../run/question.ts';
import { countProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';

/** @param seeds number of forks; undefined: as many as the simulator thinks right */
export function whenCommand(
  terminal: Terminal,
  name: string,
  options: QuestionOptions & { seeds: number | undefined },
): number {
  const forks = options.seeds ?? FORKS;
  if (forks < 1 || forks > 10_000) throw new Refusal('--seeds: expected a whole number from 1 to 10000');
  const { index, subject, scenario, seed, reader, at } = readQuestion(name, options);
  requireEngine(reader.header, engine);
  const codec = { encode: encodeSnapshot, decode: decodeSnapshot };
  const progress = countProgress(terminal, 'forks', forks, !options.json);
  const answer = when({
    index,
    subject,
    codec,
    forks,
    late: options.seeds === undefined ? stopwatch(FORKS_MS) : () => false,
    progress: (done) => progress.at(done),
    moment: () => {
      const snapshot = reader.lastVerifiedSnapshot(at);
      const from = snapshot === undefined ? undefined : decodeSnapshot(snapshot.state);
      return momentAt({ scenario, seed, at, from, logged: reader.commands(), codec });
    },
  });
  progress.done();
  if (options.json) terminal.out(answerJson(answer));
  else for (const line of whenLines(answer)) terminal.out(line);
  return 0;
}

/** Whether so much time has passed since it was first asked. @param limitMs of wall time */
export function stopwatch(limitMs: number): () => boolean {
  let begun: number | undefined;
  return () => performance.now() - (begun ??= performance.now()) > limitMs;
}
