/** Where spans go: a collector or a file. */
import { setTimeout } from 'node:timers/promises';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What became of a batch: how many of its spans were refused, and why. */
export interface Receipt {
  rejected: number;
  /** '' when all went well. */
  message: string;
}

/** Takes batches; never throws: what could not be delivered is `rejected`. */
export interface SpanSink {
  /** As a person wrote it, for messages. */
  readonly name: string;
  send(batch: readonly ReadableSpan[]): Promise<Receipt>;
  /** From now on it is no longer waited for: each batch has its attempts, and no more. */
  hurry?(): void;
  close(): Promise<void>;
}

/** Answer of one attempt; `retry`: worth another one, after `waitMs` when the collector said so. */
export interface Attempt extends Receipt {
  retry: boolean;
  waitMs?: number;
}

export interface RetryOptions {
  /** Attempts at a batch, the first included. */
  attempts: number;
  /** Wait before the second attempt, ms; doubled each time. */
  waitMs: number;
  /** Longest wait, ms, whatever the collector asks for. */
  waitMsMax: number;
  /** Tries for ever what may be taken later, until it is hurried: nothing is lost to a collector that is away. */
  patient?: boolean;
}

export const RETRY: RetryOptions = { attempts: 6, waitMs: 100, waitMsMax: 5_000 };

export interface Retrier {
  send(attempt: () => Promise<Attempt>): Promise<Receipt>;
  hurry(): void;
}

/**
 * Makes attempts at a batch until one succeeds, is refused for good, or there have been enough. Once a batch was given
 * up, each later one has a single attempt until the collector answers again: a dead collector costs its waits once.
 */
export function createRetrier(options: RetryOptions): Retrier {
  let isDown = false;
  let patient = options.patient === true;
  const send = async (attempt: () => Promise<Attempt>): Promise<Receipt> => {
    let backoffMs = options.waitMs;
    for (let tried = 1; ; tried++) {
      const { rejected, message, retry, waitMs } = await attempt();
      if (!retry) {
        isDown = false;
        return { rejected, message };
      }
      if (!patient && (isDown || tried >= options.attempts)) {
        isDown = true;
        return { rejected, message };
      }
      await setTimeout(Math.min(waitMs ?? backoffMs, options.waitMsMax));
      backoffMs = Math.min(2 * backoffMs, options.waitMsMax);
    }
  };
  return {
    send,
    hurry: () => {
      patient = false;
    },
  };
}
