/**
 * The frontier is what all headers together allow: from where, and how far, every replica may run next; it does not know
 * who runs what, nor how headers travel.
 *
 * Why.       Replicas share no memory and no coordinator, yet none may run an event before every message due at or before it
 *            has come.
 * Intuition. Whoever cannot send before t cannot disturb anybody before t + lookahead. The earliest such t of all is safe
 *            for all, and each finds the same t from the same headers.
 * Rules.     1. A window is half-open, [start, end), and lies in one control window.
 *            2. What a window sends is due at or after its end; to loose services, at or after the control window's end.
 *            3. Time in which nothing happens lies in no window.
 * Law.       start = min over replicas of (pending, earliestSent);
 *            end = min(min promise, min earliestSent) + lookahead, cut at the next control boundary and at the run's end.
 */
import { TIME_MAX } from '@orrery/kernel';
import type { WindowMessage } from '@orrery/proto';

/** The time of what does not happen, ns. */
export const NEVER = TIME_MAX;

export interface WindowRules {
  /** Least time a message between localities takes, ns. */
  readonly lookaheadNs: number;
  /** Distance of control boundaries, ns. */
  readonly controlWindowNs: number;
  /** The run covers [0, endNs); NEVER for one without an end. */
  readonly endNs: number;
}

export interface Frontier {
  /** Earliest time at which anything happens, ns. */
  next: number;
  /** Earliest time at which a tight replica can send, ns. */
  floor: number;
}

/** What the tight headers of one window allow. */
export function frontierOf(headers: readonly WindowMessage[]): Frontier {
  const frontier = { next: NEVER, floor: NEVER };
  for (const { pending, earliestSent, promise } of headers) {
    frontier.next = Math.min(frontier.next, pending, earliestSent);
    frontier.floor = Math.min(frontier.floor, promise, earliestSent);
  }
  return frontier;
}

/** The next window, ns. @param cut end of the control window: where it ends at the latest */
export function nextWindow(
  frontier: Frontier,
  rules: WindowRules,
  cut: number,
): { start: number; end: number } {
  const reach = frontier.floor >= NEVER - rules.lookaheadNs ? NEVER : frontier.floor + rules.lookaheadNs;
  return { start: Math.min(frontier.next, cut), end: Math.min(reach, cut) };
}

/** End of the control window that begins at `boundary`, ns. */
export function controlEnd(boundary: number, rules: WindowRules): number {
  return Math.min(boundary + rules.controlWindowNs, rules.endNs);
}

/**
 * The boundary to be closed after the control window that began at `boundary`, ns; at or past the run's end: there is none.
 * @param hold the one right after it is closed even when nothing happens before it
 */
export function nextBoundary(boundary: number, next: number, hold: boolean, rules: WindowRules): number {
  if (hold) return boundary + rules.controlWindowNs;
  if (next >= rules.endNs) return rules.endNs;
  return Math.floor(next / rules.controlWindowNs) * rules.controlWindowNs;
}
