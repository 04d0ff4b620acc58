/**
 * Bad media are blocks that cannot be read, or that read wrongly; which they are is fixed by the disk, not by chance at each read.
 *
 * Why.    The same block fails again until it is written, and a rewrite mends it: that is what heals.
 * Law.    A block of `BLOCK_BYTES` is bad when a hash of (key, block number) is below the share; it stays so until written.
 * State.  The key and share, and the bad blocks that were written since. Another key: other blocks, all unwritten.
 */
import { keyedHash } from '@orrery/kernel';

/** Bytes; the largest record, so that a record lies in one or two. */
export const BLOCK_BYTES = 131_072;

export interface BadMedia {
  /** Hash of the disk and the fault: names the set of bad blocks. */
  key: number;
  /** Share of all blocks, 0 to 1. */
  share: number;
  written: Set<number>;
}

export function goodMedia(): BadMedia {
  return { key: 0, share: 0, written: new Set() };
}

function bad(media: BadMedia, block: number): boolean {
  return keyedHash(media.key, block) < media.share * 4_294_967_296 && !media.written.has(block);
}

/** Whether an I/O of `sizeBytes` at `lba` touches a bad block. */
export function touchesBad(media: BadMedia, lba: number, sizeBytes: number): boolean {
  if (media.share === 0) return false;
  const last = Math.floor((lba + Math.max(1, sizeBytes) - 1) / BLOCK_BYTES);
  for (let block = Math.floor(lba / BLOCK_BYTES); block <= last; block++) if (bad(media, block)) return true;
  return false;
}

/** Writes over blocks: the bad ones are good from now on. @returns how many were bad */
export function overwrite(media: BadMedia, lba: number, sizeBytes: number): number {
  if (media.share === 0) return 0;
  let mended = 0;
  const last = Math.floor((lba + Math.max(1, sizeBytes) - 1) / BLOCK_BYTES);
  for (let block = Math.floor(lba / BLOCK_BYTES); block <= last; block++) {
    if (!bad(media, block)) continue;
    media.written.add(block);
    mended++;
  }
  return mended;
}
