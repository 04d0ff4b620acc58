import { HOUR, MINUTE, SECOND } from '@orrery/kernel';
import { describe, expect, it } from 'vitest';
import { makeSerd, recordErrors, resetSerd } from './serd.ts';

describe('a SERD engine', () => {
  it('of N = 10 and T = 10 min fires on the 11th error within ten minutes', () => {
    const serd = makeSerd({ n: 10, tNs: 10 * MINUTE });
    for (let error = 1; error <= 10; error++) expect(recordErrors(serd, error * SECOND, 1)).toBe(false);
    expect(recordErrors(serd, 11 * SECOND, 1)).toBe(true);
  });

  it('fires when the eleven are exactly T apart, and not when they are 1 ns more', () => {
    for (const [span, fires] of [
      [10 * MINUTE, true],
      [10 * MINUTE + 1, false],
    ] as const) {
      const serd = makeSerd({ n: 10, tNs: 10 * MINUTE });
      recordErrors(serd, 0, 10);
      expect(recordErrors(serd, span, 1)).toBe(fires);
    }
  });

  it('slides: eleven a minute apart are 10 min, so the 11th fires; at 61 s apart it never does', () => {
    const minute = makeSerd({ n: 10, tNs: 10 * MINUTE });
    const slower = makeSerd({ n: 10, tNs: 10 * MINUTE });
    const fired: number[] = [];
    for (let error = 0; error < 100; error++) {
      if (recordErrors(minute, error * MINUTE, 1)) fired.push(error + 1);
      expect(recordErrors(slower, error * 61 * SECOND, 1)).toBe(false);
    }
    expect(fired).toEqual([11]);
    expect(slower.times).toHaveLength(11);
  });

  it('counts a batch as that many errors', () => {
    const serd = makeSerd({ n: 2, tNs: 72 * HOUR });
    expect(recordErrors(serd, 0, 2)).toBe(false);
    expect(recordErrors(serd, HOUR, 5)).toBe(true);
  });

  it('keeps errors by their own time when they arrive out of order', () => {
    const serd = makeSerd({ n: 2, tNs: 10 });
    recordErrors(serd, 20, 1);
    recordErrors(serd, 5, 1);
    expect(serd.times).toEqual([5, 20]);
    expect(recordErrors(serd, 15, 1)).toBe(false);
    expect(recordErrors(serd, 25, 1)).toBe(true);
  });

  it('ignores errors once fired, until it is reset', () => {
    const serd = makeSerd({ n: 0, tNs: 1 });
    expect(recordErrors(serd, 0, 1)).toBe(true);
    expect(recordErrors(serd, 1, 9)).toBe(false);
    resetSerd(serd);
    expect(recordErrors(serd, 2, 1)).toBe(true);
  });
});
