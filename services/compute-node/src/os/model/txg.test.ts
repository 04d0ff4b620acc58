import { describe, expect, test } from 'vitest';
import { GIB, MIB, MS, SECOND, US } from '@orrery/kernel';
import { closesAt, closeTxg, dirtiest, dirty, growth, makeTxgs, txgSynced, writerWakes } from './txg.ts';

const write = (txgs: ReturnType<typeof makeTxgs>, bytes: number, zone = 1) =>
  dirty(txgs, zone, `zones/${zone}`, bytes, 0);

describe('txg', () => {
  test('the dirty limit is 10 % of memory, at most 4 GiB', () => {
    expect(makeTxgs(20 * GIB, 0).dirtyMax).toBe(2 * GIB);
    expect(makeTxgs(256 * GIB, 0).dirtyMax).toBe(4 * GIB);
  });

  test('closes at the next multiple of 5 s after it opened, and never when there is nothing in it', () => {
    const txgs = makeTxgs(20 * GIB, 0);
    expect(closesAt(txgs, 1000 * SECOND)).toBe(Infinity);
    write(txgs, MIB);
    expect(closesAt(txgs, 12 * SECOND)).toBe(15 * SECOND);
    txgs.open.wanted = true;
    expect(closesAt(txgs, 12 * SECOND)).toBe(12 * SECOND);
  });

  test('closes at 20 % of the limit', () => {
    const txgs = makeTxgs(20 * GIB, 0);
    write(txgs, 400 * MIB);
    expect(closesAt(txgs, SECOND)).toBe(5 * SECOND);
    write(txgs, 10 * MIB);
    expect(closesAt(txgs, SECOND)).toBe(SECOND);
  });

  test('one syncs, one stands closed, one is open; the sync releases what it held', () => {
    const txgs = makeTxgs(20 * GIB, 0);
    write(txgs, 3 * MIB);
    expect(closeTxg(txgs, 5 * SECOND)!.number).toBe(1);
    write(txgs, 2 * MIB);
    expect(closeTxg(txgs, 10 * SECOND)).toBeUndefined();
    write(txgs, MIB);
    expect(closesAt(txgs, 15 * SECOND)).toBe(Infinity);
    expect(txgs.dirtyBytes).toBe(6 * MIB);
    expect(txgSynced(txgs)!.number).toBe(2);
    expect(txgs.dirtyBytes).toBe(3 * MIB);
    expect(txgSynced(txgs)).toBeUndefined();
    expect(txgs.dirtyBytes).toBe(MIB);
    expect(txgs.open.number).toBe(3);
  });

  test('delays from 60 % on: 500 µs at the midpoint, one after the other, 100 ms at most', () => {
    const txgs = makeTxgs(10 * GIB, 0);
    write(txgs, 0.6 * GIB);
    expect(writerWakes(txgs, 7)).toBe(7);
    write(txgs, 0.2 * GIB);
    expect(writerWakes(txgs, SECOND)).toBe(SECOND + 500 * US);
    expect(writerWakes(txgs, SECOND)).toBe(SECOND + 1000 * US);
    expect(writerWakes(txgs, 2 * SECOND)).toBe(2 * SECOND + 500 * US);
    txgs.lastWakeAt = 0;
    write(txgs, 0.19999 * GIB);
    expect(writerWakes(txgs, 3 * SECOND)).toBe(3 * SECOND + 100 * MS);
    write(txgs, GIB);
    expect(writerWakes(txgs, 3 * SECOND)).toBe(-1);
  });

  test('names who dirtied most, and what a dataset will have grown by', () => {
    const txgs = makeTxgs(20 * GIB, 0);
    write(txgs, MIB, 1);
    expect(dirtiest(txgs, 1)).toBe(0);
    closeTxg(txgs, 0);
    write(txgs, 3 * MIB, 2);
    expect(dirtiest(txgs, 1)).toBe(2);
    expect(dirtiest(txgs, 2)).toBe(0);
    dirty(txgs, 2, 'zones/2', MIB, 5);
    expect(growth(txgs, 'zones/2')).toBe(5);
  });
});
