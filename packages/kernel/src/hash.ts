/** Portable hashes on 32-bit integers: the same bits in every process, version and machine. Not for secrets. */

const START = 0x2545f491;
const view = new DataView(new ArrayBuffer(8));

/** Spreads every input bit over the word: inputs one bit apart give unrelated numbers. */
function scatter(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
  return word ^ (word >>> 16);
}

/** Folds one 32-bit word into a running 32-bit hash; order matters. */
export function mix(hash: number, word: number): number {
  const folded = Math.imul(hash ^ scatter(word), 0x9e3779b1);
  return (folded << 13) | (folded >>> 19);
}

/** Hash of a text's UTF-16 code units, as two signed 32-bit integers. */
export function hash64(text: string): [hi: number, lo: number] {
  let hi = START ^ text.length;
  let lo = ~START;
  for (let at = 0; at < text.length; at++) {
    hi = Math.imul(hi ^ text.charCodeAt(at), 0x85ebca6b);
    lo = Math.imul(lo ^ text.charCodeAt(at) ^ (hi >>> 13), 0xc2b2ae35);
  }
  hi = scatter(hi ^ (lo >>> 7));
  return [hi, scatter(lo ^ hi)];
}

/**
 * A number in [0, 2^32) from the seed and every part, for decisions that must not consume chance (sampling).
 * `1` and `'1'` are different parts, and so are `'ab', 'c'` and `'a', 'bc'`.
 */
export function keyedHash(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = START;
  for (const part of [seed, ...parts]) {
    if (typeof part === 'number')
      view.setFloat64(0, part + 0); // −0 becomes 0
    else hash64(part).forEach((word, at) => view.setInt32(4 * at, word));
    hash = mix(mix(mix(hash, typeof part === 'number' ? 2 : 1), view.getInt32(0)), view.getInt32(4));
  }
  return scatter(hash) >>> 0;
}
