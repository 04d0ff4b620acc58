/** Reads stored messages from a stream, in its order and without a gap, or says that it could not. */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';

/** Messages asked for at once. */
const BATCH = 512;
/** One batch takes no longer, ms, or the connection was lost. */
const BATCH_TIMEOUT_MS = 5000;

export interface StoredBytes {
  readonly sequence: number;
  readonly bytes: Uint8Array;
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
  while (next <= state.last_seq && messages.length < limit) {
    const batch = await readBatch(manager, stream, next, Math.min(BATCH, limit - messages.length));
    for (const { seq, data } of batch) {
      if (seq !== next) break;
      messages.push({ sequence: seq, bytes: data });
      next++;
    }
    if (batch.length === 0) throw new Error(`${stream}: nothing came of ${next} to ${state.last_seq}`);
  }
  return { first, messages };
}

async function readBatch(
  manager: JetStreamManager,
  stream: string,
  seq: number,
  batch: number,
): Promise<StoredMsg[]> {
  const messages: StoredMsg[] = [];
  const iterator = await manager.direct.getBatch(stream, { seq, batch });
  const timer = setTimeout(() => iterator.stop(new Error('timed out')), BATCH_TIMEOUT_MS);
  try {
    for await (const message of iterator) messages.push(message);
  } finally {
    clearTimeout(timer);
  }
  return messages;
}
