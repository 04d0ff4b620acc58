/** Processes on this machine that do runs, one at a time each; one that dies is replaced and its run done again. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { engine } from '../../engine.ts';
import { failedResult, type Order, type RunResult } from '../../sweep/index.ts';
import { workerName } from './runner.ts';

/** A run whose process died so often is given up: it dies of itself. */
const DEATHS_MAX = 3;

/** Runs from source what was started from source. */
const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './runner.ts' : './runner.js', import.meta.url),
);
const execArgv = entry.endsWith('.ts') ? ['--conditions=orrery-source', '--import', 'tsx'] : [];

export class RunPool {
  private readonly idle: ChildProcess[] = [];
  private readonly children = new Set<ChildProcess>();
  private readonly waiting: (() => void)[] = [];
  private readonly onStart: ((pid: number | undefined) => void) | undefined;
  private free: number;
  private closed = false;

  /** @param size processes at once @param onStart hears of each process that is started */
  constructor(size: number, onStart?: (pid: number | undefined) => void) {
    this.free = size;
    this.onStart = onStart;
  }

  /** Does a run when a process is free; one that cannot be done is a result with its error. @throws Error when closed meanwhile */
  async run(order: Order): Promise<RunResult> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free--;
    try {
      return await this.perform(order);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }

  /** Ends all processes, in the middle of a run too. */
  close(): void {
    this.closed = true;
    for (const child of this.children) child.kill('SIGKILL');
  }

  private async perform(order: Order): Promise<RunResult> {
    const begunMs = performance.now();
    for (let deaths = 1; ; deaths++) {
      const died = await this.attempt(order);
      if (typeof died !== 'string') return died;
      if (this.closed) throw new Error('the run was given up');
      if (deaths < DEATHS_MAX) continue;
      const wallSeconds = Math.round(performance.now() - begunMs) / 1000;
      const error = `its process died ${deaths} times, the last time by ${died}`;
      return failedResult(order, error, { engine, wallSeconds, worker: workerName() });
    }
  }

  /** @returns the result, or what the process died of */
  private attempt(order: Order): Promise<RunResult | string> {
    return new Promise((resolve) => {
      if (this.closed) return resolve('SIGKILL');
      const child = this.idle.pop() ?? this.start();
      const settle = (outcome: RunResult | string): void => {
        child.off('message', onResult);
        child.off('exit', onExit);
        child.off('error', onError);
        resolve(outcome);
      };
      const onResult = (result: unknown): void => {
        this.idle.push(child);
        settle(result as RunResult);
      };
      const onExit = (code: number | null, signal: string | null): void => {
        settle(signal ?? `exit ${code}`);
      };
      const onError = (error: Error): void => settle(error.message);
      child.on('message', onResult);
      child.once('exit', onExit);
      child.once('error', onError);
      child.send(order, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    });
  }

  private start(): ChildProcess {
    const child = fork(entry, {
      execArgv,
      env: { ...process.env, ORRERY_RUNNER: '1' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.children.add(child);
    this.onStart?.(child.pid);
    child.once('exit', () => {
      this.children.delete(child);
      const at = this.idle.indexOf(child);
      if (at >= 0) this.idle.splice(at, 1);
    });
    child.on('error', () => undefined);
    return child;
  }
}
