/**
 * A 64-bit running hash in two 32-bit halves: the same bits on every engine, and no BigInt.
 *
 * Rules.  1. Each word is folded by a bijection of the state, so no word ever loses what came before it.
 *         2. Only xor, 32-bit multiplication, addition and rotation: exact on every JavaScript engine.
 *         3. It finds differences and damage; it is no protection from a forger.
 * State.  Plain data: it lives in snapshots.
 */
export interface Hash64 {
  /** Upper 32 bits, as a signed integer. */
  high: number;
  /** Lower 32 bits, as a signed integer. */
  low: number;
}

// Odd, with bits spread evenly: the 32-bit golden ratio and two multipliers of the 32-bit avalanche family.
const multiplierLow = 0x9e3779b1;
const multiplierHigh = 0x85ebca6b;
const multiplierFinish = 0xc2b2ae35;
// Keeps the all-zero state from being a fixed point of folding zeros.
const increment = 0x52dce729;

/** The state before anything was folded. */
export function newHash(): Hash64 {
  return { high: 0x6f727265, low: 0x72796c6f };
}

/** Folds one 32-bit word; only its lower 32 bits count. */
export function foldWord(hash: Hash64, word: number): void {
  let low = Math.imul(hash.low ^ word, multiplierLow);
  low = (((low << 15) | (low >>> 17)) + hash.high) | 0;
  const high = Math.imul(hash.high ^ low, multiplierHigh);
  hash.low = low;
  hash.high = (((high << 13) | (high >>> 19)) + increment) | 0;
}

/** Folds an integer of 0 to 2^53 - 1 as two words, lower first. */
export function foldNumber(hash: Hash64, value: number): void {
  const low = value >>> 0;
  foldWord(hash, low);
  foldWord(hash, (value - low) / 0x100000000);
}

/** Folds the length and then the bytes, four to a little-endian word, the last word filled up with zeros. */
export function foldBytes(hash: Hash64, bytes: Uint8Array): void {
  const length = bytes.length;
  foldWord(hash, length);
  const whole = length - (length % 4);
  let i = 0;
  for (; i < whole; i += 4) {
    foldWord(hash, bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
  }
  if (i < length) {
    let word = 0;
    for (let shift = 0; i < length; i++, shift += 8) word |= bytes[i] << shift;
    foldWord(hash, word);
  }
}

/** The state with its bits spread once more, as 16 hex digits; the state itself is left as it is. */
export function hexOf(hash: Hash64): string {
  let high = hash.high;
  let low = hash.low;
  for (let round = 0; round < 2; round++) {
    low = Math.imul(low ^ (low >>> 16) ^ high, multiplierFinish);
    high = Math.imul(high ^ (high >>> 13) ^ low, multiplierHigh);
  }
  return hexWord(high ^ (high >>> 16)) + hexWord(low ^ (low >>> 16));
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
