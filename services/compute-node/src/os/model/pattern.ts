/**
 * A pattern says which bytes of a zone's working set an operation is about; it reads and writes nothing.
 *
 * Rules. 1. Offsets are multiples of the operation's size and lie in the working set whole.
 *        2. `sequential` goes on where the zone's last one of the kind ended, and round at the end.
 *        3. `zipf` is densest at the start: rank k is the k-th operation-sized piece.
 */
import { draw, uniformInt, type Stream } from '@orrery/kernel';
import type { Pattern } from '@orrery/spec';

export interface Cursor {
  next: number;
}

/** An offset in bytes. */
export function pickOffset(
  io: { pattern: Pattern; skew: number; bytes: number },
  workingSetBytes: number,
  stream: Stream,
  cursor: Cursor,
): number {
  const pieces = Math.max(1, Math.floor(workingSetBytes / io.bytes));
  if (io.pattern === 'uniform') return uniformInt(stream, pieces) * io.bytes;
  if (io.pattern === 'zipf')
    return (draw({ kind: 'zipf', ranks: pieces, exponent: io.skew }, stream) - 1) * io.bytes;
  const offset = cursor.next + io.bytes <= pieces * io.bytes ? cursor.next : 0;
  cursor.next = offset + io.bytes;
  return offset;
}
