/**
 * The layout says where a dataset's bytes lie on the vdevs; it is a function, not a map of blocks.
 *
 * Why.       Seeks need places; a block map of a pool would be larger than everything else together.
 * Intuition. A metaslab's weight is its free space times (2 − its place), so ZFS fills the outer edge first but moves inward long
 *            before it is full: a pool of little data already spreads widely.
 * Law.       Equal weights all over the reach F give used = F + (2 − F)·ln(1 − F/2) ≈ F²/4, so
 *            F = min(1, 2·√(used share)): 2 % used spread over 28 % of a disk.
 *            A chunk of `CHUNK_BYTES` of a dataset lies on vdev (chunk + key) mod n, at a slot of the reach drawn by hash.
 * Rules.     1. Inside a chunk bytes are neighbours. 2. New writes go one after another through the reach, then from its start.
 * Omits.     Fragmentation, and that a rewritten block lies elsewhere: reads of a dataset keep their places.
 */
import { hash64 } from '@orrery/kernel';

export const CHUNK_BYTES = 1_048_576;
/** One block in so many is metadata: indirect blocks and dnodes beside records of 16 to 128 KiB. */
const METADATA_ONE_IN = 64;

/** An unrelated 32-bit number for each pair. */
function mix(key: number, number: number): number {
  let word = Math.imul(key ^ Math.imul(number | 0, 0x9e3779b1), 0x7feb352d);
  word = Math.imul(word ^ (word >>> 15) ^ Math.floor(number / 4_294_967_296), 0x846ca68b);
  return Math.imul(word ^ (word >>> 16), 0x2c1b3c6d);
}

/** Integer that stands for a dataset's name in hashes. */
export function datasetKey(name: string): number {
  const [hi, lo] = hash64(name);
  return mix(hi, lo);
}

/** Share of the disk over which `usedShare` of data spreads. */
export function reachShare(usedShare: number): number {
  return Math.min(1, 2 * Math.sqrt(Math.max(0, usedShare)));
}

/** Index of the top-level vdev that holds a byte of a dataset. */
export function vdevOf(key: number, offset: number, vdevs: number): number {
  return (Math.floor(offset / CHUNK_BYTES) + (key >>> 0)) % vdevs;
}

/** Byte of the leaf that holds a byte of a dataset, for a reach of `reachBytes`. */
export function placeOf(key: number, offset: number, reachBytes: number): number {
  const chunk = Math.floor(offset / CHUNK_BYTES);
  const slots = Math.max(1, Math.floor(reachBytes / CHUNK_BYTES));
  const slot = (mix(key, chunk) >>> 4) % slots;
  return slot * CHUNK_BYTES + (offset - chunk * CHUNK_BYTES);
}

/** Whether the block at `offset` is metadata, of which ZFS keeps ditto copies. */
export function isMetadata(key: number, offset: number): boolean {
  return (mix(key ^ 0x5f356495, Math.floor(offset / 131_072)) >>> 8) % METADATA_ONE_IN === 0;
}

/** The file that `zpool status -v` would name for a byte of a dataset. */
export function fileOf(dataset: string, offset: number): string {
  const number = Math.floor(offset / 67_108_864);
  return `${dataset}/root/data/${String(number).padStart(5, '0')}.dat`;
}
