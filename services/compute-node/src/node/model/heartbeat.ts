/**
 * Heartbeats say that a node lives, one each five seconds, and what became of its VMs, when that changed; they do not
 * prove that a VM serves.
 *
 * Why.       The head node declares a server unknown when its last beat is older than 11 s; a thousand nodes that
 *            beat in the same instant would tell it nothing sooner and cost it a burst.
 * Rules.     1. A node beats on a grid of its own: times congruent to a keyed hash of its address, modulo the period.
 *            2. A beat carries every VM's state when one changed since the last beat, and at least each minute.
 * Law.       next = the least t > now with t ≡ offset (mod period).
 * Differs.   cn-agent counts from its own start and checks for changes each 500 ms; the grid keeps a restored or forked
 *            run on the same beats, and a change is at most one period late, as there.
 */
import { SECOND, keyedHash } from '@orrery/kernel';

/** Period of the beats, ns: cn-agent's. Longer, and servers are declared unknown that live; shorter costs messages. */
export const BEAT_PERIOD_NS = 5 * SECOND;
/** A full status at least this often, ns: cn-agent's. */
export const STATUS_PERIOD_NS = 60 * SECOND;

/** Where in the period the node of this address beats, ns, from 0 up to the period. */
export function beatOffset(address: string): number {
  return keyedHash(0, 'heartbeat', address) % BEAT_PERIOD_NS;
}

/** The first beat after `now`, ns. */
export function nextBeat(now: number, offset: number, period = BEAT_PERIOD_NS): number {
  const into = (((now - offset) % period) + period) % period;
  return now + period - into;
}

/** Whether a beat at `now` carries all VMs; `lastFullAt` is -1 when none did since the boot. */
export function carriesStatus(now: number, changed: boolean, lastFullAt: number): boolean {
  return changed || lastFullAt < 0 || now - lastFullAt >= STATUS_PERIOD_NS;
}
