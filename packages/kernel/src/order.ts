/**
 * The one total order of events: (time, step, source, sequence), a function of the simulation alone. `step` is 0 for a
 * message that took time, its parent's + 1 for an immediate one: a cause sorts before its effect. `sequence` is the
 * source's own running number.
 */

/** Where an event stands in the order. */
export interface OrderKey {
  time: number;
  step: number;
  source: number;
  sequence: number;
}

/** Negative when a comes before b, positive after, 0 only for the same event. */
export function compareOrder(a: OrderKey, b: OrderKey): number {
  return a.time - b.time || a.step - b.step || a.source - b.source || a.sequence - b.sequence;
}

/** Latest time that a run can reach, in ns: 2^53 - 1, a little over 104 days. */
export const TIME_MAX = Number.MAX_SAFE_INTEGER;

/** Actors of the spec have ids that are multiples of this; an actor made at run time counts up from its root's. */
export const ACTOR_SPAN = 1_048_576;
