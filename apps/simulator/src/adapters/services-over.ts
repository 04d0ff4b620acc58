/** The services of a live datacenter as processes of this machine: started, started again when they die, ended. */
import { fork, type ChildProcess } from 'node:child_process';
import { natsEnvironment, type NatsFlags } from '../process/adapters/nats-access.ts';
import type { NamedReplica } from '../parts/shards.ts';
import { entry, execArgv } from './entry.ts';

/** Wall time before a process that ended is started again, ms; doubled each time, up to the second figure. */
const AGAIN_MS = 200;
const AGAIN_MS_MAX = 5000;
/** A process that was asked to go and does not is killed after so long, ms. */
const PATIENCE_MS = 5000;

export interface ServicesOptions {
  access: NatsFlags;
  /** Name and service of each. */
  replicas: readonly NamedReplica[];
  /** Further environment, for instance where spans go. */
  env?: Readonly<Record<string, string>>;
  onStart?: (replica: string, pid: number | undefined) => void;
}

/** @returns what ends them */
export function startServices({ access, replicas, env, onStart }: ServicesOptions): () => Promise<void> {
  const children = new Map<string, ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const start = (replica: string, service: string, againMs: number): void => {
    const child = fork(entry, [service, '--replica', replica], {
      execArgv: [...execArgv],
      env: { ORRERY_LOG_LEVEL: 'silent', ...process.env, ...natsEnvironment(access), ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.set(replica, child);
    onStart?.(replica, child.pid);
    const begunMs = performance.now();
    child.once('exit', () => {
      children.delete(replica);
      if (stopped) return;
      const settled = performance.now() - begunMs > AGAIN_MS_MAX;
      const waitMs = settled ? AGAIN_MS : Math.min(2 * againMs, AGAIN_MS_MAX);
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(replica, service, waitMs);
      }, waitMs);
      timers.add(timer);
    });
  };
  for (const { replica, service } of replicas) start(replica, service, AGAIN_MS / 2);
  return async () => {
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
    await Promise.all([...children.values()].map(ended));
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await over;
  clearTimeout(timer);
}
