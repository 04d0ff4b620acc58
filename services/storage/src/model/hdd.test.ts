import { describe, expect, it } from 'vitest';
import { KIB, makeStream, MIB, SECOND, uniformInt } from '@orrery/kernel';
import { depthGain, hddFigures, hddServiceNs, mediaRate, seekNs } from './hdd.ts';

const plate = {
  sizeBytes: 1_000_000_000_000,
  rpm: 7200,
  seekNsTrack: 1_000_000,
  seekNsAverage: 8_500_000,
  seekNsFull: 17_000_000,
  transferBytesPerSecondOuter: 200_000_000,
  transferBytesPerSecondInner: 100_000_000,
};
const figures = hddFigures(plate);

/** Mean service time of random 8 KiB reads over the whole disk, ns, each starting when the last one ended. */
function meanRandomRead(depth: number, reads: number): number {
  const stream = makeStream(1, 'hdd');
  let head = 0;
  let at = 0;
  for (let i = 0; i < reads; i++) {
    const lba = uniformInt(stream, 122_000_000) * 8 * KIB;
    at += hddServiceNs(figures, { head, lba, sizeBytes: 8 * KIB, at, depth, flush: false });
    head = lba + 8 * KIB;
  }
  return at / reads;
}

describe('a hard disk', () => {
  it('turns once in 60 s / 7200 = 8.333 ms', () => {
    expect(figures.revolutionNs).toBe(8_333_333);
  });

  it('has coefficients from track 1, average 8.5, full 17 ms: a = 5 (7.5 - 16/3) = 10.833, b = 16 - a = 5.167', () => {
    expect(figures.rootNs / 1e6).toBeCloseTo(10.8333, 3);
    expect(figures.linearNs / 1e6).toBeCloseTo(5.1667, 3);
    expect(seekNs(figures, 1) / 1e6).toBeCloseTo(17, 6);
    expect(seekNs(figures, 0)).toBe(0);
  });

  it('reads 8 KiB at random in 8.5 + 8.333/2 + 8192/150 MB/s = 12.72 ms: 79 a second at depth 1', () => {
    const mean = meanRandomRead(1, 20_000) / 1e6;
    expect(mean).toBeGreaterThan(12.72 * 0.98);
    expect(mean).toBeLessThan(12.72 * 1.02);
    expect(Math.round(1000 / 12.72)).toBe(79);
  });

  it('reads 1 / ((8.5 + 4.167)/1.9 + 0.055 ms) = 149 a second at depth 10', () => {
    expect(depthGain(1)).toBe(1);
    expect(depthGain(10)).toBeCloseTo(1.9, 9);
    const rate = SECOND / meanRandomRead(10, 20_000);
    expect(rate).toBeGreaterThan(149 * 0.98);
    expect(rate).toBeLessThan(149 * 1.02);
  });

  it('streams at the media rate: 1 MiB at the outer edge in 1048576/200 MB/s = 5.24 ms', () => {
    const ns = hddServiceNs(figures, { head: 0, lba: 0, sizeBytes: MIB, at: 123, depth: 1, flush: false });
    expect(ns).toBe(5_242_880);
    expect(mediaRate(figures, plate.sizeBytes)).toBe(100_000_000);
  });

  it('loses a revolution when a write must reach the platter where the last one ended: 8.333 + 0.041 ms', () => {
    let at = 1_000_000;
    let head = 0;
    for (let i = 0; i < 5; i++) {
      const ns = hddServiceNs(figures, { head, lba: head, sizeBytes: 8 * KIB, at, depth: 1, flush: true });
      if (i > 0) expect(Math.abs(ns - 8_333_333 - 40_960)).toBeLessThan(1000);
      at += ns;
      head += 8 * KIB;
    }
  });
});
