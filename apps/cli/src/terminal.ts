/** What the command line writes on, so that commands never touch `process`. */
export interface Terminal {
  /** Standard output, a line at a time. */
  out: (line: string) => void;
  /** Standard error: progress, warnings, refusals. */
  err: (line: string) => void;
  /** Whether a person is looking: colours and progress bars. */
  readonly colour: boolean;
  readonly interactive: boolean;
  readonly width: number;
}

export type Tint = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

const codes: Readonly<Record<Tint, string>> = { red: '31', green: '32', yellow: '33', dim: '2', bold: '1' };

/** The same text, in colour where colour is wanted. */
export function tint(terminal: Terminal, colour: Tint, text: string): string {
  return terminal.colour ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
}

export function processTerminal(): Terminal {
  // Whoever reads has had enough (`| head`): there is nothing left to say.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    colour,
    interactive: process.stderr.isTTY === true,
    width: process.stdout.columns ?? 120,
  };
}
