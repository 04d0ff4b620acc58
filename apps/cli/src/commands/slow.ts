/** `orrery slow`: where the time of requests went, and why there. */
import { slow, slowLines } from '@orrery/simulator';
import { answerJson, readQuestion, type QuestionOptions } from '../run/question.ts';
import type { Terminal } from '../terminal.ts';

export function slowCommand(terminal: Terminal, name: string, options: QuestionOptions): number {
  const { index, subject } = readQuestion(name, options);
  const answer = slow(index, subject);
  if (options.json) terminal.out(answerJson(answer));
  else for (const line of slowLines(answer)) terminal.out(line);
  return 0;
}
