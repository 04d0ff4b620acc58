/**
 * A cursor is a place between two facts of a run, the same wherever the run is computed; it is no place in a file.
 *
 * Intuition. Facts come in the run's total order. Cut that order at the control boundaries, count within each piece.
 * Rules.     1. `boundary` begins the control window of a fact, `order` is how many of the window's facts come before the
 *               place.
 *            2. (0, 0) is before everything; (b, 0) is before the first fact at or after b.
 */
import type { Cursor } from '@orrery/proto';

/** Boundary that begins the control window of `time`, ns. */
export function windowOf(time: number, controlWindowNs: number): number {
  return Math.floor(time / controlWindowNs) * controlWindowNs;
}

/** Moves a cursor past one more fact, in place. @param time of that fact, ns */
export function pass(cursor: Cursor, time: number, controlWindowNs: number): void {
  const boundary = windowOf(time, controlWindowNs);
  if (boundary === cursor.boundary) cursor.order++;
  else {
    cursor.boundary = boundary;
    cursor.order = 1;
  }
}
