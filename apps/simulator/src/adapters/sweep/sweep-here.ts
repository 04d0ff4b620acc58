/** A sweep in processes of this machine. */
import { ordersOf, type Order, type RunResult, type Sweep } from '../../sweep/index.ts';
import { RunPool } from './run-pool.ts';

export interface SweepHere {
  sweep: Sweep;
  /** Processes at once. */
  jobs: number;
  /** Keys of runs whose results are there. */
  done: ReadonlySet<string>;
  onResult: (result: RunResult) => void;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Does what is missing. @returns when it is done, or as soon as it is ended early */
export async function sweepHere({ sweep, jobs, done, onResult, signal }: SweepHere): Promise<void> {
  const pool = new RunPool(jobs);
  const stop = (): void => pool.close();
  signal.addEventListener('abort', stop);
  const orders = missing(sweep, done);
  const work = async (): Promise<void> => {
    for (const order of orders) {
      if (signal.aborted) return;
      onResult(await pool.run(order));
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    pool.close();
  }
}

/** One iterator, that several may draw from. */
export function* missing(sweep: Sweep, done: ReadonlySet<string>): Generator<Order> {
  for (const order of ordersOf(sweep)) if (!done.has(order.key)) yield order;
}
