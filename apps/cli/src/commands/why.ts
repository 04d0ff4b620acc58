/** `orrery why`: from what is seen of something back to what began it. */
import { why, whyLines } from '@orrery/simulator';
import { answerJson, readQuestion, type QuestionOptions } from '../run/question.ts';
import type { Terminal } from '../terminal.ts';

export function whyCommand(terminal: Terminal, name: string, options: QuestionOptions): number {
  const { index, subject } = readQuestion(name, options);
  const answer = why(index, subject);
  if (options.json) terminal.out(answerJson(answer));
  else for (const line of whyLines(answer)) terminal.out(line);
  return 0;
}
