/**
 * Zone memory is counted against a soft cap and a hard swap limit; nobody is killed for being over.
 *
 * Why.       A zone over its cap is slow, not dead: its pages go out to swap and have to come back.
 * Rules.     1. What a zone holds over `capBytes` is out on zones/swap; the clock that takes it out is immediate.
 *            2. Memory asked for while over pushes as much out (a write of zone 0 that rides in a txg) and, since what is
 *               out is used too, brings in as many pages as the same share of it (a read of zone 0 that the asker awaits).
 *            3. Over the swap limit memory is refused (ENOMEM) and nothing changes.
 * Omits.     The scanner's pace (4 passes a second, 80 % of a CPU), which a zone outruns for a while; global shortage.
 */

const PAGE = 4096;
/** Pages come in together up to this many bytes: larger makes paging cheaper than a fault at a time. */
const CLUSTER_MAX = 131_072;

export interface ZoneMemory {
  /** Held by its processes, in memory or out, bytes. */
  heldBytes: number;
  /** 0: none. */
  capBytes: number;
  swapBytes: number;
}

/** What a request for memory leads to, bytes. */
export interface Paging {
  refused: boolean;
  outBytes: number;
  inBytes: number;
}

/** Takes `bytes` for the zone. */
export function takeMemory(memory: ZoneMemory, bytes: number): Paging {
  const held = memory.heldBytes + bytes;
  if (memory.swapBytes > 0 && held > memory.swapBytes) return { refused: true, outBytes: 0, inBytes: 0 };
  memory.heldBytes = held;
  const over = memory.capBytes > 0 ? held - memory.capBytes : 0;
  if (over <= 0) return { refused: false, outBytes: 0, inBytes: 0 };
  const touched = (bytes * over) / held;
  return {
    refused: false,
    outBytes: Math.min(over, bytes),
    inBytes: Math.min(CLUSTER_MAX, Math.ceil(touched / PAGE) * PAGE),
  };
}

export function giveMemory(memory: ZoneMemory, bytes: number): void {
  memory.heldBytes -= bytes;
}

/** What of it is in memory, bytes. */
export function residentBytes(memory: ZoneMemory): number {
  return memory.capBytes > 0 ? Math.min(memory.heldBytes, memory.capBytes) : memory.heldBytes;
}
