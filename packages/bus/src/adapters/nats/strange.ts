/** Finds out what stands in the way of a boundary message: one of another headnode, or only what a stranger wrote. */
import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { decodeEnvelope } from '../../window/index.ts';

/** The broker's word that something was stored since. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

/**
 * The last sequence of the boundaries' subject, when nothing that is stored there after `after` is a boundary message.
 * @returns undefined when nothing is stored there, or one is
 */
export async function lastStrange(
  manager: JetStreamManager,
  stream: string,
  subject: string,
  after: number,
): Promise<number | undefined> {
  for (let last = after; ;) {
    const stored = await manager.direct.getMessage(stream, { seq: last + 1, next_by_subj: subject });
    if (stored === null) return last > after ? last : undefined;
    if (isBoundary(stored.data)) return undefined;
    last = stored.seq;
  }
}

function isBoundary(bytes: Uint8Array): boolean {
  try {
    return decodeEnvelope(bytes).boundary !== undefined;
  } catch {
    return false;
  }
}
