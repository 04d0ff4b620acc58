/** `orrery worker`: does runs of sweeps from a broker until told to stop. */
import { availableParallelism } from 'node:os';
import { engine } from '@orrery/simulator';
import type { NatsFlags } from '@orrery/simulator/over';
import { workSweeps } from '@orrery/simulator/workers';
import { Refusal } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

export interface WorkerFlags extends NatsFlags {
  jobs?: number;
}

/** Runs that go on when it is told to stop are given so long to end, ms: less than a container is given. */
const GRACE_MS = 8000;

/** @returns 0 when it was told to stop */
export async function workerCommand(terminal: Terminal, flags: WorkerFlags): Promise<number> {
  const { nats: url, jobs = availableParallelism() } = flags;
  const stop = new AbortController();
  const giveUp = new AbortController();
  const asked = (): void => {
    if (stop.signal.aborted) giveUp.abort();
    else terminal.err('stopping: what ends soon is finished, the rest goes to another worker');
    stop.abort();
    setTimeout(() => giveUp.abort(), GRACE_MS).unref();
  };
  process.on('SIGINT', asked);
  process.on('SIGTERM', asked);
  const total = { runs: 0 };
  terminal.err(`worker of engine ${engine} for ${url}, ${jobs} run${jobs === 1 ? '' : 's'} at once`);
  try {
    await workSweeps({
      access: flags,
      jobs,
      stop: stop.signal,
      giveUp: giveUp.signal,
      onNotice: (text) => terminal.err(text),
      onResult: (sweep, { key, digest, error, wallSeconds }) => {
        total.runs++;
        const became = error === '' ? digest : `✗ ${error}`;
        terminal.out(`${sweep} ${key} ${became} ${wallSeconds.toFixed(1)} s`);
      },
    });
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(error.message);
    throw error;
  } finally {
    process.off('SIGINT', asked);
    process.off('SIGTERM', asked);
  }
  terminal.err(`${total.runs} runs done`);
  return 0;
}
