/** Entry point of the command line. */
import { CommanderError } from 'commander';
import { HandlerFailure } from '@orrery/actor';
import { LogError } from '@orrery/log';
import { Refusal } from './exit.ts';
import { buildProgram } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Runs one command. @returns the exit code: 0 ok, 1 failed, 2 the request is wrong */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const state = { exitCode: 0 };
  const program = buildProgram(terminal, (code) => {
    state.exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    return state.exitCode;
  } catch (error) {
    return report(terminal, error);
  }
}

function report(terminal: Terminal, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Refusal) {
    terminal.err(error.message);
    return error.exitCode;
  }
  if (error instanceof LogError) {
    terminal.err(`${error.code}: ${error.message}`);
    return error.code === 'ORRERY_LOG_NOT_FOUND' ? 2 : 1;
  }
  if (error instanceof HandlerFailure) {
    terminal.err(`internal error: ${error.message}`);
    if (error.cause instanceof Error) terminal.err(error.cause.stack ?? '');
    return 1;
  }
  throw error;
}
