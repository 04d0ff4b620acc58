import { describe, expect, it } from 'vitest';
import { combineDigests, foldFact, foldInto, type DigestTable } from './digest.ts';
import { hexOf, newHash } from './hash64.ts';
import { digestOf, factAt } from './sample.case.ts';

const fact = {
  actor: 3 * 2 ** 20 + 1,
  n: 12,
  time: 5_000_000_001,
  kind: 203,
  cause: { actor: 2 ** 20, n: 4 },
  payload: new Uint8Array([1, 2, 3]),
};

function hashOf(changes: Partial<typeof fact>): string {
  const hash = newHash();
  foldFact(hash, { ...fact, ...changes });
  return hexOf(hash);
}

describe('the digest', () => {
  it('keeps its golden values', () => {
    expect(combineDigests(new Map())).toBe('e24048f728c9db90');
    expect(hashOf({})).toBe('dfe02d501ebac606');
    const table: DigestTable = new Map();
    for (const actor of [2 ** 20, 7, Number.MAX_SAFE_INTEGER, 0]) foldInto(table, { ...fact, actor });
    expect(combineDigests(table)).toBe('7921588460c32676');
  });

  it('counts every field of a fact, down to one nanosecond', () => {
    const variants = [
      hashOf({}),
      hashOf({ n: 13 }),
      hashOf({ time: fact.time + 1 }),
      hashOf({ kind: 204 }),
      hashOf({ cause: { actor: 2 ** 20 + 1, n: 4 } }),
      hashOf({ cause: { actor: 2 ** 20, n: 5 } }),
      hashOf({ payload: new Uint8Array([1, 2, 4]) }),
      hashOf({ payload: new Uint8Array([1, 2, 3, 0]) }),
    ];
    expect(new Set(variants).size).toBe(variants.length);
  });

  it('takes no cause for the cause (0, 0)', () => {
    expect(hashOf({ cause: undefined })).toBe(hashOf({ cause: { actor: 0, n: 0 } }));
  });

  it('does not depend on which actor was seen first, but on which actor said what', () => {
    const tableOf = (order: readonly number[]): DigestTable => {
      const table: DigestTable = new Map();
      for (const i of order) foldInto(table, factAt(i));
      return table;
    };
    expect(combineDigests(tableOf([0, 1, 2, 3]))).toBe(combineDigests(tableOf([3, 1, 0, 2])));
    expect(combineDigests(tableOf([0, 4]))).not.toBe(combineDigests(tableOf([4, 0])));
    const swapped: DigestTable = new Map([
      [1, newHash()],
      [2, { high: 5, low: 6 }],
    ]);
    const straight: DigestTable = new Map([
      [1, { high: 5, low: 6 }],
      [2, newHash()],
    ]);
    expect(combineDigests(swapped)).not.toBe(combineDigests(straight));
  });

  it('goes on from a table that was saved', () => {
    const table: DigestTable = new Map();
    for (let i = 0; i < 100; i++) foldInto(table, factAt(i));
    const restored = structuredClone(table);
    for (let i = 100; i < 200; i++) foldInto(restored, factAt(i));
    expect(combineDigests(restored)).toBe(digestOf(20));
  });
});
