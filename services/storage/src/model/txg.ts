/**
 * A txg's dirty data goes out as a few long writes a leaf; it is not written record by record.
 *
 * Why.    Copy-on-write allocates a txg's blocks side by side, and the vdev queue joins neighbours up to `AGGREGATION_BYTES_MAX`.
 * Law.    bytes = dirty + received + metadata; metadata = `METADATA_BASE` + bytes/`METADATA_ONE_IN`, three copies of the base.
 *         Each top-level vdev takes an equal share; a mirror's leaf writes all of it, a raidz leaf 1/(N − P).
 * Rules.  1. First data and metadata, then, when all of that is down, an uberblock on leaves of up to `UBERBLOCK_VDEVS` vdevs.
 * Omits.  Sync passes, compression, the space map's own growth.
 */
import { AGGREGATION_BYTES_MAX } from './io-class.ts';

/** Bytes; object set, dnodes, space maps and the MOS of a small txg, three copies. Too large: idle pools look busy. */
const METADATA_BASE = 49_152 * 3;
/** Indirect blocks and their copies beside data; too small a number makes random overwrites too dear. */
const METADATA_ONE_IN = 32;
/** Top-level vdevs whose labels are rewritten in each txg. */
export const UBERBLOCK_VDEVS = 3;
export const UBERBLOCK_BYTES = 8192;

/** All bytes of a txg, metadata included, before parity and copies. */
export function txgBytes(dataBytes: number): number {
  return dataBytes + METADATA_BASE + Math.floor(dataBytes / METADATA_ONE_IN);
}

/** Share of top-level vdev `index` of `count`, by largest remainder: the shares add up. */
export function vdevShare(bytes: number, index: number, count: number): number {
  return Math.floor(bytes / count) + (index < bytes % count ? 1 : 0);
}

/** Bytes that each leaf of a top-level vdev writes of a share. */
export function leafBytes(kind: string, disks: number, share: number): number {
  return kind.startsWith('raidz') ? Math.ceil(share / (disks - Number(kind.slice(5)))) : share;
}

/** The next write of `left` bytes. */
export function nextWrite(left: number): number {
  return Math.min(left, AGGREGATION_BYTES_MAX);
}
