/**
 * A device's time line says when each of its channels worked and for whom, so that waiting can be charged to what was served;
 * it is not a log of I/Os.
 *
 * Why.       A request that waited 30 ms asks "behind whom?"; the answer is what the channel did in those 30 ms.
 * Rules.     1. An I/O starts at max(time of issue, when its channel was free): a device that was idle since before the issue
 *               starts it then, although the news of it came a lookahead later.
 *            2. Waiting from issue to start is charged interval by interval to the stretches served meanwhile; what no
 *               stretch covers (the class had no room) to whoever's completion made room.
 *            3. The charges of a wait add up to it exactly.
 * State.     For each channel `free` and its stretches (start, end, owner), flat; neighbours of one owner are joined. Dropped
 *            when nothing older than they waits any more.
 */
import { addToLedger, Behind, Place, type LedgerEntry } from '@orrery/proto';

/** On whose account a stretch or an I/O is: `behind` ITSELF with the zone, or RESILVER, TXG_SYNC, FAULT with zone 0. */
export interface Owner {
  behind: Behind;
  zone: number;
}

export interface Timeline {
  /** When each channel is free again, ns. */
  free: number[];
  /** Each channel's stretches: start, end, behind, zone, one after another, oldest first. */
  stretches: number[][];
}

const FIELDS = 4;
const STRETCHES_KEPT = 256;

export function makeTimeline(channels: number): Timeline {
  const timeline: Timeline = { free: [], stretches: [] };
  for (let i = 0; i < channels; i++) {
    timeline.free.push(0);
    timeline.stretches.push([]);
  }
  return timeline;
}

/**
 * Channel for an I/O issued at `issuedAt`: the first idle since before that, else the one free earliest.
 * @param busy channels that serve an I/O now; @returns -1 when all do
 */
export function pickChannel(timeline: Timeline, busy: readonly unknown[], issuedAt: number): number {
  let best = -1;
  for (let i = 0; i < timeline.free.length; i++) {
    if (busy[i] !== null) continue;
    if (timeline.free[i] <= issuedAt) return i;
    if (best < 0 || timeline.free[i] < timeline.free[best]) best = i;
  }
  return best;
}

/**
 * Marks a channel as working from `start` to `end`.
 * @param waitingSince oldest issue still waiting; stretches before it are dropped
 */
export function occupy(
  timeline: Timeline,
  channel: number,
  span: { start: number; end: number; behind: Behind; zone: number; waitingSince: number },
): void {
  const list = timeline.stretches[channel];
  const last = list.length - FIELDS;
  timeline.free[channel] = span.end;
  if (
    last >= 0 &&
    list[last + 1] === span.start &&
    list[last + 2] === span.behind &&
    list[last + 3] === span.zone
  ) {
    list[last + 1] = span.end;
    return;
  }
  if (last >= 0 && list[last + 1] <= span.waitingSince) list.length = 0;
  else if (list.length >= STRETCHES_KEPT * FIELDS) drop(list, span.waitingSince);
  list.push(span.start, span.end, span.behind, span.zone);
}

function drop(list: number[], waitingSince: number): void {
  let keep = 0;
  while (keep < list.length && list[keep + 1] <= waitingSince) keep += FIELDS;
  if (keep > list.length / 2) list.splice(0, keep);
}

/** Charges the wait [from, to) of an I/O of `zone` before `channel`; `room` is whose completion made room for it. */
export function chargeWait(
  timeline: Timeline,
  channel: number,
  wait: { from: number; to: number; zone: number; room: Owner },
  ledger: LedgerEntry[],
): void {
  const list = timeline.stretches[channel];
  let right = wait.to;
  for (let i = list.length - FIELDS; i >= 0 && right > wait.from; i -= FIELDS) {
    if (list[i] >= right) continue;
    const end = Math.min(right, list[i + 1]);
    if (end <= wait.from) break;
    const start = Math.max(wait.from, list[i]);
    if (end < right) charge(ledger, wait.room.behind, wait.room.zone, wait.zone, right - end);
    charge(ledger, list[i + 2] as Behind, list[i + 3], wait.zone, end - start);
    right = start;
  }
  if (right > wait.from) charge(ledger, wait.room.behind, wait.room.zone, wait.zone, right - wait.from);
}

function charge(ledger: LedgerEntry[], behind: Behind, owner: number, zone: number, ns: number): void {
  if (behind !== Behind.ITSELF) addToLedger(ledger, Place.VDEV_QUEUE, ns, behind);
  else if (owner === zone) addToLedger(ledger, Place.VDEV_QUEUE, ns);
  else addToLedger(ledger, Place.VDEV_QUEUE, ns, Behind.OTHER_ZONE, owner);
}
