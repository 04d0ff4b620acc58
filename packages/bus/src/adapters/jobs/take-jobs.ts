/** A worker's side of a job board: takes jobs, says that they go on, and what became of them. */
import { setTimeout } from 'node:timers/promises';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { JobBoard } from './job-board.ts';

export interface Job {
  readonly group: string;
  readonly key: string;
  readonly bytes: Uint8Array;
  /** How often it was given to somebody, this time included. */
  readonly tries: number;
}

/** `done`: its result is kept; `returned`: another may have it at once. */
export type Verdict = 'done' | 'returned';

export interface TakeOptions {
  nc: NatsConnection;
  board: JobBoard;
  channel: string;
  /** Jobs at once. */
  slots: number;
  /** What fails is tried again by whoever gets it next. */
  handle: (job: Job) => Promise<Verdict>;
  /** No more are taken. */
  signal: AbortSignal;
}

/** A request for a job waits so long at the broker, ms. */
const WAIT_MS = 1000;
/** Often enough for the broker not to give the job to another, ms. */
const BEAT_MS = 1000;
const PAUSE_MS = 250;

/** @returns when the signal has come and every job that was begun has its verdict */
export async function takeJobs(options: TakeOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.slots }, () => work(options)));
}

async function work(options: TakeOptions): Promise<void> {
  const { board, channel, signal } = options;
  let consumer: Consumer | undefined;
  while (!signal.aborted) {
    try {
      consumer ??= await board.consumer(channel);
      const message = await consumer.next({ expires: WAIT_MS });
      if (message !== null) await settle(message, options);
    } catch (error) {
      if (options.nc.isClosed()) throw error;
      consumer = undefined;
      await setTimeout(PAUSE_MS);
    }
  }
}

async function settle(message: JsMsg, { handle, signal }: TakeOptions): Promise<void> {
  if (signal.aborted) return message.nak();
  const [group = '', key = '', ...more] = message.subject.split('.').slice(2);
  // Nobody could keep a result by such a name.
  if (![group, key].every((name) => /^[\w-]+$/.test(name)) || more.length > 0) return message.term();
  const job = { group, key, bytes: message.data, tries: message.info.deliveryCount };
  const beat = setInterval(() => message.working(), BEAT_MS);
  try {
    const verdict = await handle(job);
    if (verdict === 'done') await message.ackAck();
    else message.nak();
  } catch (error) {
    message.nak();
    throw error;
  } finally {
    clearInterval(beat);
  }
}
