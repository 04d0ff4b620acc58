import { describe, expect, it } from 'vitest';
import { foldBytes, foldNumber, foldWord, hexOf, newHash, type Hash64 } from './hash64.ts';

const mask = 0xffffffffn;
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;

/** The same law in exact integers. */
function foldExact(high: bigint, low: bigint, word: bigint): [bigint, bigint] {
  const mixed = ((low ^ word) * 0x9e3779b1n) & mask;
  const nextLow = (rotate(mixed, 15n) + high) & mask;
  const nextHigh = (rotate(((high ^ nextLow) * 0x85ebca6bn) & mask, 13n) + 0x52dce729n) & mask;
  return [nextHigh, nextLow];
}

function hashOfWords(words: readonly number[]): Hash64 {
  const hash = newHash();
  for (const word of words) foldWord(hash, word);
  return hash;
}

describe('the 64-bit hash', () => {
  it('gives the same bits as exact integer arithmetic', () => {
    const hash = newHash();
    let [high, low] = [0x6f727265n, 0x72796c6fn];
    for (let i = 0; i < 1000; i++) {
      const word = Math.imul(i, 0x01234567) ^ (i << 20);
      foldWord(hash, word);
      [high, low] = foldExact(high, low, BigInt(word >>> 0));
      expect([hash.high >>> 0, hash.low >>> 0]).toEqual([Number(high), Number(low)]);
    }
  });

  it('keeps its golden values', () => {
    expect(hexOf(newHash())).toBe('e24048f728c9db90');
    expect(hexOf(hashOfWords([0]))).toBe('2ab2ea982ff588bc');
    expect(hexOf(hashOfWords([1, 2, 3]))).toBe('70b28e7444a95c29');
    const hash = newHash();
    foldNumber(hash, Number.MAX_SAFE_INTEGER);
    foldBytes(hash, new Uint8Array([1, 2, 3, 4, 5]));
    expect(hexOf(hash)).toBe('6d5ee00ac9e67ef0');
  });

  it('folds a number as its lower and upper words, and bytes as their length and words', () => {
    const number = newHash();
    foldNumber(number, 5 * 2 ** 32 + 7);
    expect(number).toEqual(hashOfWords([7, 5]));
    const bytes = newHash();
    foldBytes(bytes, new Uint8Array([1, 0, 0, 128, 255]));
    expect(bytes).toEqual(hashOfWords([5, 0x80000001, 255]));
  });

  it('tells every single bit of a message apart', () => {
    const seen = new Set<string>();
    for (let bit = 0; bit < 64 * 8; bit++) {
      const bytes = new Uint8Array(64);
      bytes[bit >> 3] = 1 << (bit & 7);
      const hash = newHash();
      foldBytes(hash, bytes);
      seen.add(hexOf(hash));
    }
    expect(seen.size).toBe(512);
  });

  it('turns about half of the output for a change of one input bit', () => {
    let turned = 0;
    const words = [11, 22, 33];
    const plain = BigInt(`0x${hexOf(hashOfWords(words))}`);
    for (let bit = 0; bit < 96; bit++) {
      const changed = words.map((word, i) => (i === bit >> 5 ? word ^ (1 << (bit & 31)) : word));
      const difference = plain ^ BigInt(`0x${hexOf(hashOfWords(changed))}`);
      turned += difference.toString(2).replaceAll('0', '').length;
    }
    expect(turned / 96 / 64).toBeGreaterThan(0.47);
    expect(turned / 96 / 64).toBeLessThan(0.53);
  });
});
