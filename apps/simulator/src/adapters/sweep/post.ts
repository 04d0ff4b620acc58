/** What those who want a sweep and those who do its runs say to each other over a broker. */
import { createHash } from 'node:crypto';
import type { Scenario } from '@orrery/spec';
import type { RunResult, SweepHead } from '../../sweep/index.ts';

/** Of the stream, its subjects, and the buckets beside it. */
export const BOARD = 'orrery-sweep';

/** Runs of one engine are taken by workers of that engine. */
export const channelOf = (engine: number) => `engine-${engine}`;

/** Subject on which workers say why they leave a sweep to others. */
export const refusalsOf = (id: string) => `${BOARD}-refusals.${id}`;

/** A run as it waits to be taken; the scenario is an object named by its hash. */
export interface PostedOrder {
  settings: Readonly<Record<string, string>>;
  seed: number;
  engine: number;
  scenario: string;
}

/** A sweep as it is announced. */
export interface PostedHead extends SweepHead {
  /** `over`: nothing of it waits. */
  state: 'open' | 'over';
}

export const encode = (value: PostedOrder | PostedHead | RunResult | Scenario): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value));

export function decode<Value>(bytes: Uint8Array): Value {
  return JSON.parse(new TextDecoder().decode(bytes)) as Value;
}

/** @throws Error when the bytes are no order */
export function decodeOrder(bytes: Uint8Array): PostedOrder {
  const order = decode<Partial<PostedOrder> | null>(bytes);
  const { settings, seed, engine, scenario } = order ?? {};
  const whole =
    typeof settings === 'object' &&
    settings !== null &&
    Number.isSafeInteger(seed) &&
    Number.isSafeInteger(engine) &&
    typeof scenario === 'string';
  if (!whole) throw new Error('it is no order of a run');
  return order as PostedOrder;
}

export const hashOf = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** The id of a sweep that was given none: the same sweep has the same. */
export function idOf(head: SweepHead): string {
  return `${head.name.replaceAll(/[^\w-]/g, '-')}-${hashOf(JSON.stringify(head)).slice(0, 10)}`;
}
