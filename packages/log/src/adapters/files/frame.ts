/**
 * A frame holds one batch in a segment file: 24 bytes of head, then the batch's protobuf.
 *
 *   0  u32  length of the body
 *   4  u32  CRC-32C of all that follows
 *   8  u64  sequence
 *   16 u64  chain: hash of everything before this frame
 *   24      body
 *
 * All little-endian. The chain ties each frame to the one before it and the first to the header, so a frame that is
 * whole but out of place is told from one that is torn.
 */
import { crc32c } from '../../crc32c.ts';
import { foldBytes, foldNumber, type Hash64 } from '../../hash64.ts';

export const frameHeadBytes = 24;
// A batch closes at 1 MiB of facts; one giant record may exceed it. Larger lengths are taken for damage.
export const frameBodyBytesMax = 64 << 20;
// How far ahead a stray frame's number may be to be believed when looking for frames after damage.
const sequenceAheadMax = 1 << 20;

export interface Frame {
  readonly sequence: number;
  /** The chain as the frame tells it. */
  readonly chain: Hash64;
  readonly body: Uint8Array;
  /** Offset of the next frame. */
  readonly end: number;
}

/** A frame as bytes. @param chain hash of everything before it */
export function encodeFrame(sequence: number, chain: Hash64, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameHeadBytes + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(8, sequence >>> 0, true);
  view.setUint32(12, (sequence - (sequence >>> 0)) / 0x100000000, true);
  view.setInt32(16, chain.low, true);
  view.setInt32(20, chain.high, true);
  bytes.set(body, frameHeadBytes);
  view.setUint32(4, crc32c(bytes, 8), true);
  return bytes;
}

/** The chain after a frame, from the one before it. */
export function nextChain(chain: Hash64, sequence: number, body: Uint8Array): Hash64 {
  const next: Hash64 = { high: chain.high, low: chain.low };
  foldNumber(next, sequence);
  foldBytes(next, body);
  return next;
}

/** The frame at an offset, or why there is none. */
export function parseFrame(bytes: Uint8Array, offset: number): Frame | string {
  const left = bytes.length - offset;
  if (left < frameHeadBytes) return `${left} bytes are too few for a batch's head`;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, frameHeadBytes);
  const length = view.getUint32(0, true);
  if (length > frameBodyBytesMax) return `a batch of ${length} bytes is longer than any can be`;
  const end = offset + frameHeadBytes + length;
  if (end > bytes.length) return `a batch of ${length} bytes ends after the file`;
  if (crc32c(bytes, offset + 8, end) !== view.getUint32(4, true))
    return 'the batch does not match its CRC-32C';
  return {
    sequence: view.getUint32(12, true) * 0x100000000 + view.getUint32(8, true),
    chain: { low: view.getInt32(16, true), high: view.getInt32(20, true) },
    body: bytes.subarray(offset + frameHeadBytes, end),
    end,
  };
}

/**
 * Offset of the first valid frame at or after `from`, or -1. A frame counts when its number is near `sequence`, which
 * spares most offsets their CRC.
 */
export function findFrame(bytes: Uint8Array, from: number, sequence: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = from; offset + frameHeadBytes <= bytes.length; offset++) {
    const length = view.getUint32(offset, true);
    if (offset + frameHeadBytes + length > bytes.length) continue;
    const number = view.getUint32(offset + 12, true) * 0x100000000 + view.getUint32(offset + 8, true);
    if (number === 0 || number > sequence + sequenceAheadMax) continue;
    if (typeof parseFrame(bytes, offset) !== 'string') return offset;
  }
  return -1;
}
