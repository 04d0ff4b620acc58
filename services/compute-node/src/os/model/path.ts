/**
 * A path takes a message from one place on the fabric to another, at what the net announced; it does not know the links.
 *
 * Rules. 1. Arrival = now + wait behind earlier messages of this path + time at the fair rate + retransmissions + latency.
 *        2. Each part is charged to its own account, and they sum to arrival − now.
 *        3. Without loss nothing is drawn. A message whose packets are not all there waits for a timeout that doubles.
 *        4. On a path that is down nothing arrives: the sender tries again after the same timeouts.
 * Law.   P(first try fails) = 1 − (1 − loss)^packets; later tries resend one packet.
 * Omits. Slow start, windows, fast retransmit (a lost packet always costs a timeout).
 */
import { pow, uniform, type Stream } from '@orrery/kernel';
import {
  addToLedger,
  Behind,
  ledgerTotal,
  mergeLedger,
  Place,
  type LedgerEntry,
  type PathState,
} from '@orrery/proto';

/** TCP's first retransmission timeout on illumos, and the largest, ns. */
export const RTO_NS = 400_000_000;
const RTO_MAX_NS = 60_000_000_000;
/** Payload of a packet, bytes. */
const PACKET = 1448;

export interface Path {
  peer: string;
  network: string;
  up: boolean;
  latencyNs: number;
  lossPerMillion: number;
  rateBps: number;
  bottleneck: string;
  cost: LedgerEntry[];
  /** When the last message will be on the wire whole, ns. */
  busyUntil: number;
  /** Sent since the last demand was worked out, and the demand last told to the net, bytes a second. */
  bytes: number;
  demand: number;
}

/** A path as announced; what was under way on the `old` one stays. */
export function makePath(state: PathState, old?: Path): Path {
  if (state.up && ledgerTotal(state.cost) !== state.latencyNs)
    throw new RangeError(`the path to ${state.peer} costs other than its ${state.latencyNs} ns`);
  return {
    peer: state.peer,
    network: state.network,
    up: state.up,
    latencyNs: state.latencyNs,
    lossPerMillion: state.lossPerMillion,
    rateBps: state.rateBps,
    bottleneck: state.bottleneck,
    cost: state.cost,
    busyUntil: old?.busyUntil ?? 0,
    bytes: old?.bytes ?? 0,
    demand: old?.demand ?? 0,
  };
}

/** Sends `bytes` over a path that is up, charging `ledger`. @returns when the last byte arrives, ns */
export function travel(
  path: Path,
  bytes: number,
  now: number,
  stream: Stream,
  ledger: LedgerEntry[],
): number {
  const capped = path.bottleneck.startsWith('maxbw');
  const waitNs = Math.max(0, path.busyUntil - now);
  const wireNs = path.rateBps > 0 ? Math.ceil((bytes * 8_000_000_000) / path.rateBps) : 0;
  addToLedger(ledger, capped ? Place.BANDWIDTH_CAP : Place.LINK_QUEUE, waitNs + wireNs);
  path.busyUntil = now + waitNs + wireNs;
  path.bytes += bytes;
  const lostNs = path.lossPerMillion > 0 ? retransmissions(path.lossPerMillion / 1e6, bytes, stream) : 0;
  addToLedger(ledger, Place.RETRANSMIT, lostNs, Behind.RETRY);
  mergeLedger(ledger, path.cost);
  return path.busyUntil + lostNs + path.latencyNs;
}

/** The timeout after one of `ns`. */
export function nextRto(ns: number): number {
  return Math.min(RTO_MAX_NS, ns * 2);
}

function retransmissions(loss: number, bytes: number, stream: Stream): number {
  let failure = 1 - pow(1 - Math.min(1, loss), Math.max(1, Math.ceil(bytes / PACKET)));
  let waited = 0;
  for (let rto = RTO_NS; uniform(stream) < failure; rto = nextRto(rto)) {
    waited += rto;
    failure = loss;
    if (waited > 10 * RTO_MAX_NS) break;
  }
  return waited;
}
