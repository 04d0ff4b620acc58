/**
 * A resilver copies what a leaf lacks, in block order, in long I/Os of the SCRUB class; it never copies free space.
 *
 * Intuition. Alone on a mirror it streams: the source reads one MiB while the target writes the one before. Beside a load, each
 *            of its I/Os waits its turn in the device, and the arm moves in between.
 * Law.       A new disk lacks all that its vdev holds; one that was away, what was written meanwhile.
 *            The bytes lie in runs of `RUN_BYTES`, evenly over the vdev's reach.
 * Rules.     1. At most `IN_FLIGHT` chunks at once. 2. Ascending order. 3. A chunk without any good copy is an error, and skipped.
 * Omits.     The metadata walk before it, and restarting when another disk joins: disks are resilvered one after another.
 */

/** Bytes of one I/O. */
export const RESILVER_CHUNK = 1_048_576;
const RUN_BYTES = 64 * RESILVER_CHUNK;
/** Chunks: 4 MiB in flight a leaf. */
export const IN_FLIGHT = 4;
/** A progress fact each 5 %. */
export const PROGRESS_STEPS = 20;

/** Byte of the leaf where chunk `n` of `totalBytes` lies, the reach being `reachBytes`. */
export function chunkPlace(n: number, totalBytes: number, reachBytes: number): number {
  const at = n * RESILVER_CHUNK;
  const run = Math.floor(at / RUN_BYTES);
  const runs = Math.max(1, Math.ceil(totalBytes / RUN_BYTES));
  const stride = Math.max(RUN_BYTES, Math.floor(reachBytes / runs / RESILVER_CHUNK) * RESILVER_CHUNK);
  return run * stride + (at - run * RUN_BYTES);
}

/** Bytes of chunk `n`. */
export function chunkBytes(n: number, totalBytes: number): number {
  return Math.min(RESILVER_CHUNK, totalBytes - n * RESILVER_CHUNK);
}
