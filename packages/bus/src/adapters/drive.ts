/** Joins a Runner to an open broker and to the wall clock. */
import type { OpenBroker } from '../bus.ts';
import { Runner, type RunnerOptions, type Stored } from '../window/index.ts';

/** Waiting this long for a peer, a replica looks whether it has missed something, ms. Smaller asks the broker more. */
const PATIENCE_MS = 100;
/** It asks ever more rarely while nothing comes, up to once in so many ms. */
const PATIENCE_MS_MAX = 1600;

export interface Driven {
  readonly runner: Runner;
  /** Lets go of the broker and the clock; nothing is lost that was acknowledged. */
  close(): Promise<void>;
}

/** Starts a replica from its last snapshot, or as a new one. */
export async function drive(broker: OpenBroker, options: Omit<RunnerOptions, 'broker'>): Promise<Driven> {
  const runner = new Runner({ ...options, broker }, await broker.restart());
  let silentMs = 0;
  let patienceMs = PATIENCE_MS;
  const timer = setInterval(() => {
    silentMs += PATIENCE_MS;
    if (silentMs < patienceMs) return;
    silentMs = 0;
    patienceMs = Math.min(2 * patienceMs, PATIENCE_MS_MAX);
    runner.waited();
  }, PATIENCE_MS);
  const receive = (stored: Stored): void => {
    silentMs = 0;
    patienceMs = PATIENCE_MS;
    runner.receive(stored);
  };
  await broker.listen({
    connected: () => runner.connected(),
    receive,
    page: (from, first, messages) => runner.page(from, first, messages),
    acknowledged: (id) => runner.acknowledged(id),
    conflicted: (id) => runner.conflicted(id),
    objectGot: (name, bytes) => runner.objectGot(name, bytes),
    pointerMoved: (number) => runner.pointerMoved(number),
    pointerRead: (last, number) => runner.pointerRead(last, number),
  });
  return {
    runner,
    close: () => {
      clearInterval(timer);
      return broker.close();
    },
  };
}
