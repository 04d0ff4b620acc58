import { expect, test } from 'vitest';
import { hash64, keyedHash, mix } from './hash.ts';

test('a text always has the same hash', () => {
  const digests = ['', 'a', 'cn-0003/disk/c0t2d0:faults', 'Größe µs'].map((text) => hex16(...hash64(text)));
  expect(digests).toEqual(GOLDEN_TEXTS);
});

test('texts one character apart have unrelated hashes', () => {
  const seen = new Set<string>();
  let bits = 0;
  for (let n = 0; n < 20_000; n++) {
    const [hi, lo] = hash64(`cn-${n}`);
    const [nextHi, nextLo] = hash64(`cn-${n + 1}`);
    seen.add(hex16(hi, lo));
    bits += ones(hi ^ nextHi) + ones(lo ^ nextLo);
  }
  expect(seen.size).toBe(20_000);
  expect(bits / 20_000).toBeCloseTo(32, 0);
});

test('a keyed hash tells apart types, boundaries and order of its parts', () => {
  const keys = [
    keyedHash(1),
    keyedHash(2),
    keyedHash(1, 1),
    keyedHash(1, '1'),
    keyedHash(1, 'ab', 'c'),
    keyedHash(1, 'a', 'bc'),
    keyedHash(1, 'c', 'ab'),
    keyedHash(1, 2 ** 40),
    keyedHash(1, 2 ** 41),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keyedHash(1, -0)).toBe(keyedHash(1, 0));
  expect([keyedHash(7, 'cn-0003', 42), keyedHash(2 ** 53 - 1, '')]).toEqual(GOLDEN_KEYS);
});

test('keyed hashes of consecutive numbers fill [0, 2^32) evenly', () => {
  const buckets = new Array<number>(64).fill(0);
  for (let n = 0; n < 64_000; n++) buckets[Math.floor((keyedHash(3, 'request', n) / 2 ** 32) * 64)]! += 1;
  const square = buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(square).toBeLessThan(103.4); // chi-square, 63 degrees of freedom, 1 in 1,000
});

test('mixing depends on the order of words', () => {
  expect(mix(mix(0, 1), 2)).not.toBe(mix(mix(0, 2), 1));
});

function hex16(hi: number, lo: number): string {
  return [hi, lo].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function ones(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

const GOLDEN_TEXTS = ['0d67c4e5d756e632', 'b8b772d66fb57c84', '21534145e82c843c', '5cc0016f494dc05d'];
const GOLDEN_KEYS = [2907297986, 2493863840];
