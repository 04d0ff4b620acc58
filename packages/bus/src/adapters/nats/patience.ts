/** Tries again what a broker that is away, or has just come back, could not do. */
import { setTimeout } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const PAUSE_MS = 250;
/** The broker's word that something is not there, which waiting does not change. */
const NOT_FOUND = 404;

/**
 * Takes something away. That it is gone already is as good: somebody else may take it away at once, and a request that comes twice is
 * answered twice, in any order.
 */
export async function unlessMissing(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Whether it is the broker's word that something is not there. */
function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.status === NOT_FOUND;
}

/** @throws what the broker says when waiting cannot help: it is not there, or the connection was closed on purpose */
export async function patiently<T>(nc: NatsConnection, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (isMissing(error) || nc.isClosed()) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
