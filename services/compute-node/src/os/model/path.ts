/**
 * A path takes a message from one place on the fabric to another, at what the net announced; it does not know the links.
 *
 * Rules. 1. Arrival = now + wait behind earlier messages of this path + time at the fair rate + retransmissions + latency.
 *        2. Each part is charged to its own account, and they sum to arrival − now.
 *        3. Without loss nothing is drawn. A lost packet that enough others follow is sent again at once: all that a window
 *           lost comes one round trip late (fast retransmit, with selective acknowledgement).
 *        4. After one of the last `DUPACKS` packets too little follows to tell: it waits for a timeout that doubles, and so
 *           does a packet that was sent again and lost again. A message as short as that knows nothing else.
 *        5. On a path that is down nothing arrives: the sender tries again after the same timeouts.
 * Law.   P(some of n packets are lost) = 1 − (1 − loss)^n. With it, for each window of at most `WINDOW` packets before the
 *        tail, a round trip (2 × latency), and with P = loss a timeout on top; with it, for the tail of the last
 *        `DUPACKS` packets, a timeout. A timeout is `RTO_NS`, doubling while, with P = loss, the packet is lost again.
 * Omits. Slow start and what loss does to the congestion window: a long message on a lossy path is too fast.
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
/** Nobody waits longer for one message, ns. */
const PATIENCE_NS = 10 * RTO_MAX_NS;
/** Payload of a packet, bytes. */
const PACKET = 1448;
/** Acknowledgements that repeat themselves before a packet counts as lost: fewer resend what is only late. */
const DUPACKS = 3;
/** Packets under way at once, as many as fit in SmartOS's receive buffer of 128,000 bytes: fewer take more round trips. */
const WINDOW = 88;

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
  const loss = Math.min(1, path.lossPerMillion / 1e6);
  const lostNs = loss > 0 ? retransmissions(path, loss, bytes, stream) : 0;
  addToLedger(ledger, Place.RETRANSMIT, lostNs, Behind.RETRY);
  mergeLedger(ledger, path.cost);
  return path.busyUntil + lostNs + path.latencyNs;
}

/** The timeout after one of `ns`. */
export function nextRto(ns: number): number {
  return Math.min(RTO_MAX_NS, ns * 2);
}

/** What lost packets of a message add to its way, ns. @param loss share of packets, above 0 */
function retransmissions(path: Path, loss: number, bytes: number, stream: Stream): number {
  const packets = Math.max(1, Math.ceil(bytes / PACKET));
  const tail = Math.min(packets, DUPACKS);
  let waited = 0;
  for (let left = packets - tail; left > 0 && waited < PATIENCE_NS; left -= WINDOW) {
    if (uniform(stream) >= anyLost(loss, Math.min(left, WINDOW))) continue;
    waited += 2 * path.latencyNs + timeouts(loss, loss, stream);
  }
  return waited + timeouts(anyLost(loss, tail), loss, stream);
}

/** Probability that one of so many packets is lost. */
function anyLost(loss: number, packets: number): number {
  return 1 - pow(1 - loss, packets);
}

/** Timeouts until what fails with `first`, and then with `again`, has gone through, ns. */
function timeouts(first: number, again: number, stream: Stream): number {
  let failure = first;
  let waited = 0;
  for (let rto = RTO_NS; waited < PATIENCE_NS && uniform(stream) < failure; rto = nextRto(rto)) {
    waited += rto;
    failure = again;
  }
  return waited;
}
