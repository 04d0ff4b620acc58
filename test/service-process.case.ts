/** A service as a process of its own, for tests: started from source, asked to go or killed, its log lines kept. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../apps/simulator/src/main.ts', import.meta.url));

export interface LogLine {
  msg: string;
  [field: string]: unknown;
}

export class ServiceProcessCase {
  readonly lines: LogLine[] = [];
  /** What it wrote that is no line of a log. */
  text = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | null>;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, ['--conditions=orrery-source', '--import', 'tsx', entry, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    let rest = '';
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
        else this.text += `${line}\n`;
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The first line with these words. */
  said(words: string): LogLine | undefined {
    return this.lines.find(({ msg }) => msg.includes(words));
  }

  /** Resolves with its exit code; null when it was killed. */
  ended(): Promise<number | null> {
    return this.exited;
  }

  /** Asks it to go. */
  leave(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.exited;
  }

  kill(): Promise<number | null> {
    this.child.kill('SIGKILL');
    return this.exited;
  }
}
