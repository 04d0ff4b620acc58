/** CRC-32C (Castagnoli), eight bytes at a step: a table for each of the eight distances to the end of the step. */
const polynomial = 0x82f63b78;
const tables = buildTables();
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;

function buildTables(): Int32Array[] {
  const built = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    built[0][byte] = crc;
  }
  for (let distance = 1; distance < 8; distance++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = built[distance - 1][byte];
      built[distance][byte] = (before >>> 8) ^ built[0][before & 255];
    }
  }
  return built;
}

/**
 * CRC-32C of `bytes` from `start` to `end`, as an unsigned integer.
 * @param before the CRC of what precedes, to go on from; 0 at the start
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, before = 0): number {
  let crc = ~before;
  let i = start;
  for (const wide = end - 7; i < wide; i += 8) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    crc =
      t7[crc & 255] ^
      t6[(crc >>> 8) & 255] ^
      t5[(crc >>> 16) & 255] ^
      t4[crc >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]];
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]) & 255];
  return ~crc >>> 0;
}
