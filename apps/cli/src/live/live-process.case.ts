/** A live datacenter as a process of its own, and commands to it, for tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from '../main.ts';

const entry = fileURLToPath(new URL('../main.ts', import.meta.url));
export const root = fileURLToPath(new URL('../../../../', import.meta.url));
const started: ChildProcess[] = [];

/** Runs a command line in this process. */
export async function orrery(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    colour: false,
    interactive: false,
    width: 100,
  };
  const code = await main(['node', 'orrery', ...args], terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Starts `orrery up` and waits until it answers. */
export async function up(...args: string[]): Promise<ChildProcess> {
  const code = `const { main } = await import(${JSON.stringify(entry)});
    process.exitCode = await main(['node', 'orrery', 'up', ...${JSON.stringify(args)}, '--listen', '127.0.0.1:0', '--json']);`;
  const options = ['--conditions=orrery-source', '--import', 'tsx', '--input-type=module', '-e', code];
  const child = spawn(process.execPath, options, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (status) => reject(new Error(`up ended with ${status}`)));
  });
  child.stdout.resume();
  return child;
}

export const statusOf = async () =>
  JSON.parse((await orrery('status', '--json')).out) as { time: number; state: string; digest: string };

export const gone = (child: ChildProcess) =>
  new Promise<void>((resolve) => void child.once('exit', () => resolve()));

/** Ends every datacenter that was started. */
export function endAll(): void {
  for (const child of started) child.kill('SIGKILL');
}
