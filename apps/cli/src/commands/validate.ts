/** `orrery validate`: says what is wrong with files, and runs nothing. */
import { formatProblem } from '@orrery/spec';
import { validateFile } from '../load.ts';
import type { Terminal } from '../terminal.ts';

export function validateCommand(terminal: Terminal, files: readonly string[], json: boolean): number {
  const results = files.map((file) => ({ file, ...validateFile(file) }));
  const count = results.reduce((sum, result) => sum + result.problems.length, 0);
  if (json) {
    terminal.out(JSON.stringify({ ok: count === 0, results }));
    return count === 0 ? 0 : 2;
  }
  for (const { file, problems, warnings } of results) {
    for (const problem of problems) terminal.err(formatProblem(problem));
    for (const warning of warnings) terminal.err(`warning: ${formatProblem(warning)}`);
    if (problems.length === 0) terminal.out(`${file}: ok`);
  }
  if (count > 0) terminal.err(`${count} error${count === 1 ? '' : 's'}`);
  return count === 0 ? 0 : 2;
}
