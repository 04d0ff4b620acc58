/**
 * What the tracer is told when the stream of records fills up, because nobody takes it: less, by rule, and counted.
 *
 * Rules. 1. A batch run waits: the headnode closes no boundary while the stream holds more than a moment's worth.
 *        2. A live run goes on. At first the tracer gives up the ordinary share; then replicas tell only failed spans and those of
 *           one trace in so many, the same on all of them; at last none.
 *        3. Facts are always told: faults' stories are made of them.
 */
import type { SpanRecord } from '@orrery/actor';
import { keyedHash } from '@orrery/kernel';

/** Fill at which a batch run waits. */
const WAIT_FILL = 0.25;
/** Fill from which the tracer keeps errors and the slowest only. */
const SCARCE_FILL = 0.5;
/** Fill from which replicas tell a share. */
const SHARE_FILL = 0.65;
/** Fill from which replicas tell no spans. */
const NONE_FILL = 0.85;
/** Traces of which one is told when replicas tell a share. */
const ONE_IN = 32;

/** @param fill of the stream of records, a fraction */
export function mustWait(fill: number): boolean {
  return fill > WAIT_FILL;
}

/** @param fill of the stream of records, a fraction */
export function isScarce(fill: number): boolean {
  return fill > SCARCE_FILL;
}

/** Whether a replica tells a span. @param fill of the stream of records, a fraction */
export function isTold({ trace, error }: SpanRecord, fill: number, seed: number): boolean {
  if (fill <= SHARE_FILL) return true;
  if (fill > NONE_FILL) return false;
  return (error ?? '') !== '' || keyedHash(seed, 'told', trace) % ONE_IN === 0;
}
