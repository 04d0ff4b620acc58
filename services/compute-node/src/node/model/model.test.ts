import { describe, expect, test } from 'vitest';
import { makeStream, MINUTE, SECOND } from '@orrery/kernel';
import { hasPower, nextReading, readSensors, workingSupplies, worthReading } from './power-supplies.ts';
import { drawWeakPages, retirePage, stillStruck, struckPage } from './weak-memory.ts';
import { spread } from './boot-timing.ts';

describe('power supplies', () => {
  const supply = (name: string, works: boolean) => ({ name, works, bad: 0 });

  test('one of two is enough; none listed is the chassis’s own; the plug counts', () => {
    expect(hasPower([supply('0', false), supply('1', true)], false)).toBe(true);
    expect(hasPower([supply('0', false), supply('1', false)], false)).toBe(false);
    expect(hasPower([], false)).toBe(true);
    expect(hasPower([supply('0', true)], true)).toBe(false);
    expect(workingSupplies([supply('0', false), supply('1', true)])).toBe(1);
  });

  test('the first bad reading is forgiven, the second tells, the third is no news', () => {
    const supplies = [supply('0', false), supply('1', true)];
    expect(readSensors(supplies)).toEqual([]);
    expect(worthReading(supplies)).toBe(true);
    expect(readSensors(supplies).map(({ name }) => name)).toEqual(['0']);
    expect(worthReading(supplies)).toBe(false);
    expect(readSensors(supplies)).toEqual([]);
  });

  test('readings are a minute apart, each node at its own second', () => {
    const first = nextReading(0, 'cn-0001');
    expect(nextReading(first, 'cn-0001')).toBe(first + MINUTE);
    expect(first).not.toBe(nextReading(0, 'cn-0002'));
  });
});

describe('weak memory', () => {
  const dimm = () => ({ name: '0', sizeBytes: 4096 * 1000, retired: [] as number[] });

  test('is a run of pages inside the DIMM', () => {
    const stream = makeStream(7, 'test');
    for (let count = 1; count <= 1000; count *= 10) {
      const pages = drawWeakPages(dimm(), count, stream);
      expect(pages).toHaveLength(count);
      expect(pages[0]).toBeGreaterThanOrEqual(0);
      expect(pages.at(-1)).toBeLessThan(1000);
    }
  });

  test('does not strike retired pages, and ends with the last', () => {
    const stream = makeStream(7, 'test');
    const part = dimm();
    expect(retirePage(part, 10)).toBe(true);
    expect(retirePage(part, 10)).toBe(false);
    const struck = Array.from({ length: 1000 }, () => struckPage(part, [10, 11], stream));
    const hits = struck.filter((page) => page === 11).length;
    expect(hits + struck.filter((page) => page === -1).length).toBe(1000);
    expect(hits).toBeGreaterThan(440);
    expect(hits).toBeLessThan(560);
    expect(stillStruck(part, [10, 11])).toBe(true);
    retirePage(part, 11);
    expect(stillStruck(part, [10, 11])).toBe(false);
  });
});

test('a spread of 10 % about 60 s is 54 to 66 s; none is a constant', () => {
  expect(spread({ ns: 60 * SECOND, spread: 0.1 })).toEqual({
    kind: 'uniform',
    minimum: 54 * SECOND,
    maximum: 66 * SECOND,
  });
  expect(spread({ ns: SECOND, spread: 0 })).toEqual({ kind: 'constant', value: SECOND });
});
