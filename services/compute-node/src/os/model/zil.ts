/**
 * The ZIL makes synchronous writes stable before their group is: writers share log blocks; it holds no data itself.
 *
 * Why.       A disk answers one log block in the time of one write; writers who come meanwhile should not queue for it.
 * Rules.     1. A dataset has at most one log block under way; who comes first goes at once.
 *            2. Who comes while a block is under way joins the next one, which goes when that one is done.
 *            3. A block holds at most `BLOCK_MAX` bytes, but always at least one writer.
 * Differs.   From zil.c, which also holds a block open for 5 % of the last one's latency and may have several under way.
 */

/** Bytes: larger lets more writers share a block, and makes each wait for more. */
const BLOCK_MAX = 131_072;
/** A log block's own header and record header, bytes. */
const OVERHEAD = 512;

export interface ZilWaiter {
  /** The owner's name for it. */
  key: number;
  bytes: number;
  since: number;
}

export interface Zil {
  /** Who waits for the block under way; empty: none is. */
  underWay: ZilWaiter[];
  next: ZilWaiter[];
  /** Where the next block goes, bytes. */
  offset: number;
}

export function makeZil(): Zil {
  return { underWay: [], next: [], offset: 0 };
}

/** @returns the size of the block to write now, bytes; 0 when the writer waits for a later block */
export function commitZil(zil: Zil, waiter: ZilWaiter): number {
  zil.next.push(waiter);
  return zil.underWay.length === 0 ? fillBlock(zil) : 0;
}

/** Ends the block under way. @returns its waiters; `fillBlock` starts the next */
export function blockWritten(zil: Zil): ZilWaiter[] {
  const waiters = zil.underWay;
  zil.underWay = [];
  return waiters;
}

/** Takes waiters into a block. @returns its size, bytes; 0 when nobody waits */
export function fillBlock(zil: Zil): number {
  let bytes = 0;
  let taken = 0;
  while (taken < zil.next.length && (taken === 0 || bytes + zil.next[taken].bytes <= BLOCK_MAX))
    bytes += zil.next[taken++].bytes;
  if (taken === 0) return 0;
  zil.underWay = zil.next.splice(0, taken);
  const size = (Math.ceil((bytes + OVERHEAD) / 4096) | 0) * 4096;
  zil.offset += size;
  return size;
}
