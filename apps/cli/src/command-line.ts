/** The help of every command, for the generated reference. */
import type { Command } from 'commander';
import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

const nowhere: Terminal = {
  out: () => undefined,
  err: () => undefined,
  colour: false,
  interactive: false,
  width: 100,
};

export function commandLine(): { name: string; text: string }[] {
  const pages: { name: string; text: string }[] = [];
  const visit = (command: Command, path: string) => {
    command.configureHelp({ helpWidth: nowhere.width });
    pages.push({ name: path, text: command.helpInformation() });
    for (const child of command.createHelp().visibleCommands(command)) {
      if (child.name() !== 'help') visit(child, `${path} ${child.name()}`);
    }
  };
  visit(
    buildProgram(nowhere, () => undefined),
    'orrery',
  );
  return pages;
}
