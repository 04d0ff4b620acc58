/** Reads stored messages from a stream, in its order and without a gap, or says that it could not. */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';

/** Messages asked for at once. */
const BATCH = 512;
/** Between two messages of a batch it takes no longer, ms, or the connection was lost. */
const SILENCE_MS = 1000;
/** A batch of which nothing came is asked for again so often, before the reading is given up. */
const TRIES = 3;

export interface StoredBytes {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** When it was stored, RFC 3339. */
  readonly storedAt: string;
}

export interface StreamPage {
  /** Sequence of the oldest message still stored, or of the next one when there is none. */
  readonly first: number;
  readonly messages: StoredBytes[];
}

/**
 * Everything stored at or after `from` when the call was made, or the first `limit` messages of it.
 * @throws Error when a part of it did not come
 */
export async function readStream(
  manager: JetStreamManager,
  stream: string,
  from: number,
  limit = Infinity,
): Promise<StreamPage> {
  const { state } = await manager.streams.info(stream);
  const first = Math.max(1, state.first_seq);
  const messages: StoredBytes[] = [];
  let next = Math.max(from, first);
  for (let tries = 1; next <= state.last_seq && messages.length < limit; tries++) {
    const before = next;
    for (const { seq, data, timestamp } of await readBatch(
      manager,
      stream,
      next,
      Math.min(BATCH, limit - messages.length),
    )) {
      if (seq > next) break;
      if (seq < next) continue;
      messages.push({ sequence: seq, bytes: data, storedAt: timestamp });
      next++;
    }
    if (next > before) tries = 0;
    else if (tries === TRIES) throw new Error(`${stream}: nothing came of ${next} to ${state.last_seq}`);
  }
  return { first, messages };
}

/** @returns what came of a batch, in its order: a message may be there twice, and the last ones not at all */
async function readBatch(
  manager: JetStreamManager,
  stream: string,
  seq: number,
  batch: number,
): Promise<StoredMsg[]> {
  const messages: StoredMsg[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const iterator = await manager.direct.getBatch(stream, { seq, batch });
    const silent = (): void => iterator.stop(new Error('silent'));
    timer = setTimeout(silent, SILENCE_MS);
    for await (const message of iterator) {
      messages.push(message);
      clearTimeout(timer);
      timer = setTimeout(silent, SILENCE_MS);
    }
  } catch {
    // What has come is of use, and the rest is asked for again.
  } finally {
    clearTimeout(timer);
  }
  return messages;
}
