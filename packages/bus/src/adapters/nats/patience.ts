/** Tries again what a broker that is away, or has just come back, could not do. */
import { setTimeout } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const PAUSE_MS = 250;
/** The broker's word that something is not there, which waiting does not change. */
const NOT_FOUND = 404;

/** @throws what the broker says when waiting cannot help: it is not there, or the connection was closed on purpose */
export async function patiently<T>(nc: NatsConnection, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const final = error instanceof JetStreamApiError && error.status === NOT_FOUND;
      if (final || nc.isClosed()) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
