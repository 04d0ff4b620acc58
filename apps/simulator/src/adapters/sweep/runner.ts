/** Entry point of a process that does one run of a sweep at a time, as it is told to, until nobody is there to tell it. */
import { hostname } from 'node:os';
import { engine } from '../../engine.ts';
import { Simulation } from '../../simulation.ts';
import { failedResult, ResultCollector, type Order, type RunResult } from '../../sweep/index.ts';

/** Simulated time between looks whether anybody still waits, ns. */
const SLICE_NS = 1_000_000_000;

/** Who does runs: host and process. */
export function workerName(pid = process.pid): string {
  return `${hostname()}:${pid}`;
}

async function performRun(order: Order, worker: string): Promise<RunResult> {
  const { scenario, seed } = order;
  const begunMs = performance.now();
  const wallSeconds = () => Math.round(performance.now() - begunMs) / 1000;
  try {
    const collector = new ResultCollector(scenario);
    const simulation = new Simulation({ scenario, seed, onFact: (fact) => collector.observe(fact) });
    while (simulation.now < scenario.durationNs) {
      simulation.advance(Math.min(scenario.durationNs, simulation.now + SLICE_NS));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { events } = simulation.host;
    const digest = simulation.digest();
    return collector.result(order, { digest, engine, events, wallSeconds: wallSeconds(), worker });
  } catch (error) {
    return failedResult(order, reasonOf(error), { engine, wallSeconds: wallSeconds(), worker });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

// A process of its own was started with a way to its parent; what is imported for its function alone was not.
if (process.env.ORRERY_RUNNER === '1' && process.send !== undefined) {
  // The parent decides what an interrupt means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.once('disconnect', () => process.exit());
  process.on('message', (order) => {
    void performRun(order as Order, workerName(process.ppid)).then((result) => process.send?.(result));
  });
}
