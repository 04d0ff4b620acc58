/** A run whose services are processes on this machine, over a broker: starts them, waits, gathers what they said. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { connectNats, createStreams, deleteStreams, natsBus } from '@orrery/bus/nats';
import type { Scenario } from '@orrery/spec';
import { gatherFacts, type Gathered } from '../parts/gather.ts';
import { assignShards, planShards, type ReplicaCounts } from '../parts/shards.ts';
import { placeAll } from '../services.ts';
import type { Assignment, Report } from './assignment.ts';

export interface RunOverOptions {
  scenario: Scenario;
  seed: number;
  /** Of the broker: `host:port` or `nats://host:port`. */
  url: string;
  counts: ReplicaCounts;
  /** Hears how far the run is, simulated ns. */
  onProgress?: (time: number) => void;
  /** Hears of each process that is started. */
  onStart?: (replica: string, pid: number | undefined) => void;
  /** Ends the run early: its processes are killed and what the broker has of it is removed. */
  signal?: AbortSignal;
}

export interface RanOver extends Gathered {
  /** Events delivered, by all processes that saw the run's end. */
  events: number;
}

/** Runs from source what was started from source. */
const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url),
);
const execArgv = entry.endsWith('.ts') ? ['--conditions=orrery-source', '--import', 'tsx'] : [];

/**
 * Runs to the end. A process that is killed is started again.
 * @throws Error when a replica stops or the run is ended early, RangeError on replicas that cannot be
 */
export async function runOver(options: RunOverOptions): Promise<RanOver> {
  const { scenario, seed, url, counts, signal } = options;
  const members = assignShards(planShards(placeAll(scenario.datacenter)), counts);
  const run = `r${randomUUID()}`;
  const nc = await connectNats({ servers: url, waitOnFirstConnect: false });
  try {
    await createStreams(nc, run);
    const assignments = members.map(({ replica }) => ({ url, run, replica, scenario, seed, counts }));
    const events = await processesOf(assignments, options);
    signal?.throwIfAborted();
    const reader = await natsBus(nc, run).open('reader');
    const gathered = await gatherFacts(scenario, reader.facts());
    await reader.close();
    return { ...gathered, events };
  } finally {
    await deleteStreams(nc, run);
    await nc.close();
  }
}

/** Runs every replica until all are over. @returns events delivered */
async function processesOf(
  assignments: readonly Assignment[],
  { onProgress, onStart, signal }: RunOverOptions,
): Promise<number> {
  const children = new Set<ChildProcess>();
  let events = 0;
  const live = (assignment: Assignment): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(entry, {
        execArgv,
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      children.add(child);
      onStart?.(assignment.replica, child.pid);
      let over = false;
      child.on('message', (report: Report) => {
        if (report.is === 'at') onProgress?.(report.time);
        else if (report.is === 'stopped') reject(new Error(`${report.code}: ${report.detail}`));
        else {
          over = true;
          events += report.events;
        }
      });
      child.once('error', reject);
      child.once('exit', (code, killedBy) => {
        children.delete(child);
        if (over) resolve();
        else if (killedBy === null) reject(new Error(`${assignment.replica} ended with ${code}`));
        else if (signal?.aborted === true) reject(signal.reason as Error);
        else live(assignment).then(resolve, reject);
      });
      child.send(assignment);
    });
  const kill = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', kill);
  try {
    await Promise.all(assignments.map(live));
  } finally {
    signal?.removeEventListener('abort', kill);
    for (const child of children) child.removeAllListeners('exit');
    kill();
  }
  return events;
}
