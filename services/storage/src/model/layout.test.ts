import { expect, it } from 'vitest';
import { GIB, KIB, MIB } from '@orrery/kernel';
import { datasetKey, fileOf, isMetadata, placeOf, reachShare, vdevOf } from './layout.ts';

it('spreads 2 % of data over 2*sqrt(0.02) = 28 % of the disk, a quarter over all of it', () => {
  expect(reachShare(0.02)).toBeCloseTo(0.283, 3);
  expect(reachShare(0.25)).toBe(1);
  expect(reachShare(0.9)).toBe(1);
});

it('puts neighbours of a chunk side by side, and chunks on the vdevs in turn', () => {
  const key = datasetKey('zones/a');
  expect(placeOf(key, 8 * KIB, 10 * GIB)).toBe(placeOf(key, 0, 10 * GIB) + 8 * KIB);
  const vdevs = [0, 1, 2, 3, 4].map((chunk) => vdevOf(key, chunk * MIB, 3));
  expect(new Set(vdevs.slice(0, 3)).size).toBe(3);
  expect(vdevs[3]).toBe(vdevs[0]);
});

it('stays inside the reach and fills it evenly', () => {
  const key = datasetKey('zones/a');
  let sum = 0;
  for (let chunk = 0; chunk < 4000; chunk++) {
    const place = placeOf(key, chunk * MIB, GIB);
    expect(place).toBeLessThan(GIB);
    sum += place / GIB;
  }
  expect(sum / 4000).toBeCloseTo(0.5, 1);
});

it('has one block in 64 of metadata, the same each time', () => {
  const key = datasetKey('zones/a');
  let count = 0;
  for (let block = 0; block < 64_000; block++) if (isMetadata(key, block * 128 * KIB)) count++;
  expect(count).toBeGreaterThan(850);
  expect(count).toBeLessThan(1150);
});

it('names the file of a byte', () => {
  expect(fileOf('zones/a', 200 * MIB)).toBe('zones/a/root/data/00003.dat');
});
