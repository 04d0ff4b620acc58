/**
 * raidz spreads each block over all its disks with parity beside it; it is not a mirror of stripes.
 *
 * Why.    A read of one block needs every data column, so a raidz does as many random reads a second as one disk.
 * Law.    For a block of s sectors on N disks with P parity: columns = min(N − P, s); the sectors of a column are
 *         ceil(s / (N − P)); allocated = roundup(s + P·ceil(s/(N − P)), P + 1) sectors.
 *         Capacity of N equal disks of X bytes ≈ (N − P)·X.
 * Rules.  1. The first column of a block moves on from disk to disk with its offset; parity comes first, data after it.
 */
export interface RaidzShape {
  disks: number;
  parity: number;
  sectorBytes: number;
}

/** Bytes that a block of `sizeBytes` takes, parity and padding included. */
export function raidzAllocated(shape: RaidzShape, sizeBytes: number): number {
  const sectors = Math.ceil(sizeBytes / shape.sectorBytes);
  const rows = Math.ceil(sectors / (shape.disks - shape.parity));
  const unit = shape.parity + 1;
  return Math.ceil((sectors + shape.parity * rows) / unit) * unit * shape.sectorBytes;
}

/** Which disks hold a block: indices of its data columns and of its parity columns, and the bytes of a column. */
export interface RaidzColumns {
  data: number[];
  parity: number[];
  columnBytes: number;
}

/** Columns of the block at `offset` bytes of the vdev. */
export function raidzColumns(shape: RaidzShape, offset: number, sizeBytes: number): RaidzColumns {
  const sectors = Math.max(1, Math.ceil(sizeBytes / shape.sectorBytes));
  const dataDisks = shape.disks - shape.parity;
  const first = Math.floor(offset / shape.sectorBytes) % shape.disks;
  const parity: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < shape.parity; i++) parity.push((first + i) % shape.disks);
  const columns = Math.min(dataDisks, sectors);
  for (let i = 0; i < columns; i++) data.push((first + shape.parity + i) % shape.disks);
  return { data, parity, columnBytes: Math.ceil(sectors / dataDisks) * shape.sectorBytes };
}
