/** Options that every command against a live datacenter has. */
import type { Command } from 'commander';
import type { ConnectFlags } from '../../live/connect.ts';
import type { Terminal } from '../../terminal.ts';

export interface LiveFlags extends ConnectFlags {
  json?: boolean;
}

/** What a group of commands is registered with. */
export interface Registry {
  program: Command;
  terminal: Terminal;
  done: (exitCode: number) => void;
}

/** Adds them, and examples to the help. */
export function live(command: Command, examples: readonly string[]): Command {
  return command
    .option('--connect <host:port>', 'the datacenter; default: the one that is up here')
    .option('--token-file <file>', 'file with the bearer token')
    .option('--tls-ca <file>', 'root certificate of a server with TLS')
    .option('--json', 'print one object')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  orrery ${line}`).join('\n')}`);
}

/** A group by its name, made when it is not there yet. */
export function group(program: Command, name: string, description: string): Command {
  return (
    program.commands.find((command) => command.name() === name) ??
    program.command(name).description(description)
  );
}
