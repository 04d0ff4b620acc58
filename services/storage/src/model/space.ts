/**
 * A pool's space is what its vdevs hold without parity, less the slop that normal writes may not touch.
 *
 * Law.    slop = 1/32 of the pool, at least 128 MiB, at most half of it. Usable bytes of a vdev: its smallest disk times 1 (disk,
 *         mirror) or N − P (raidz).
 * Differs. Labels, boot area and metaslab rounding (under half a percent) are left out.
 */
const SLOP_SHARE = 1 / 32;
const SLOP_BYTES_MIN = 134_217_728;

/** Bytes kept back of a pool of `capacity` bytes. */
export function slopBytes(capacity: number): number {
  return Math.floor(Math.min(Math.max(capacity * SLOP_SHARE, SLOP_BYTES_MIN), capacity / 2));
}

/** Bytes of data that a top-level vdev holds. */
export function vdevCapacity(kind: string, diskBytes: readonly number[]): number {
  let least = diskBytes[0] ?? 0;
  for (const bytes of diskBytes) least = Math.min(least, bytes);
  return kind.startsWith('raidz') ? least * (diskBytes.length - Number(kind.slice(5))) : least;
}

/** Bytes left to normal writes. */
export function freeBytes(capacity: number, allocated: number): number {
  return Math.max(0, capacity - slopBytes(capacity) - allocated);
}
