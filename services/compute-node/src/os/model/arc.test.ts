import { describe, expect, test } from 'vitest';
import { GIB, KIB, MIB, MS, makeStream, uniformInt } from '@orrery/kernel';
import {
  addArcDataset,
  ArcList,
  arcTarget,
  fillArc,
  makeArc,
  readArc,
  removeArcDataset,
  retargetArc,
  warmDataset,
  type Arc,
} from './arc.ts';

/** Bytes of the two lists, counted from the tables. */
function counted(arc: Arc): number {
  let bytes = 0;
  for (const dataset of arc.datasets) {
    if (dataset === undefined) continue;
    let records = 0;
    for (const word of dataset.resident) for (let bit = 0; bit < 32; bit++) records += (word >>> bit) & 1;
    expect(dataset.bytes).toBe(records * dataset.recordBytes);
    bytes += dataset.bytes;
  }
  return bytes;
}

function consistent(arc: Arc): void {
  expect(counted(arc)).toBe(arc.bytes);
  expect(arc.lists[ArcList.mru].bytes + arc.lists[ArcList.mfu].bytes).toBe(arc.bytes);
  expect(arc.bytes).toBeLessThanOrEqual(arc.c);
}

describe('arc', () => {
  test('a 64 GiB node leaves 55 GiB, and less when zones use memory', () => {
    expect(arcTarget(64 * GIB, 0)).toBe(55 * GIB);
    expect(arcTarget(64 * GIB, 20 * GIB)).toBe(36 * GIB);
    expect(arcTarget(64 * GIB, 64 * GIB)).toBe(GIB);
  });

  test('4 GiB of 16 KiB records are 4,096 extents of 64', () => {
    const dataset = addArcDataset(makeArc(8 * GIB), 262_144, 16 * KIB);
    expect(dataset.list).toHaveLength(4096);
    expect(dataset.perExtent).toBe(64);
  });

  test('a record comes in to mru and moves to mfu when used again after 62 ms', () => {
    const arc = makeArc(64 * MIB);
    const dataset = addArcDataset(arc, 1000, 16 * KIB);
    expect(readArc(arc, dataset, 5, 0)).toBe(false);
    fillArc(arc, dataset, 5, 0);
    expect(readArc(arc, dataset, 5, 62 * MS)).toBe(true);
    expect(dataset.list[0]).toBe(ArcList.mru);
    expect(readArc(arc, dataset, 5, 62 * MS + 1)).toBe(true);
    expect(dataset.list[0]).toBe(ArcList.mfu);
    expect(readArc(arc, dataset, 6, 63 * MS)).toBe(false);
    consistent(arc);
  });

  test('what is evicted leaves a ghost, and the ghost’s return gives its list more room', () => {
    // Room for 4 extents of 64 × 16 KiB = 1 MiB.
    const arc = makeArc(4 * MIB);
    const dataset = addArcDataset(arc, 64 * 8, 16 * KIB);
    for (let record = 0; record < 64 * 5; record++) fillArc(arc, dataset, record, 0);
    expect(dataset.list[0]).toBe(ArcList.out); // mru and its ghosts together hold c
    consistent(arc);
    // Move 2 MiB to mfu, then stream past: mru loses, its ghosts stay.
    for (let record = 64; record < 64 * 3; record++) readArc(arc, dataset, record, 100 * MS);
    for (let record = 64 * 5; record < 64 * 7; record++) fillArc(arc, dataset, record, 200 * MS);
    expect(dataset.list[3]).toBe(ArcList.mruGhost);
    const before = arc.p;
    fillArc(arc, dataset, 64 * 3, 300 * MS);
    expect(arc.p).toBe(before + MIB);
    expect(dataset.list[3]).toBe(ArcList.mfu);
    consistent(arc);
  });

  test('a scan does not drive out what is used often', () => {
    const arc = makeArc(64 * MIB);
    const hot = addArcDataset(arc, 32 * 64, 16 * KIB); // 32 MiB
    const scan = addArcDataset(arc, 1024 * 64, 16 * KIB); // 1 GiB
    let now = 0;
    for (let round = 0; round < 3; round++, now += 100 * MS)
      for (let record = 0; record < hot.records; record++) fillArc(arc, hot, record, now);
    for (let record = 0; record < scan.records; record++) fillArc(arc, scan, record, now);
    expect(hot.bytes).toBe(32 * MIB);
    consistent(arc);
  });

  test('uniform reads of twice the cache hit about half of the time', () => {
    const arc = makeArc(128 * MIB);
    const dataset = addArcDataset(arc, 256 * 64, 16 * KIB);
    const stream = makeStream(1, 'arc');
    let hits = 0;
    for (let i = 0; i < 200_000; i++) {
      const record = uniformInt(stream, dataset.records);
      const hit = readArc(arc, dataset, record, i * MS);
      if (!hit) fillArc(arc, dataset, record, i * MS);
      if (hit && i >= 100_000) hits++;
    }
    expect(hits / 100_000).toBeGreaterThan(0.4);
    expect(hits / 100_000).toBeLessThan(0.5);
    consistent(arc);
  });

  test('warm is all of it, from the start, as far as it fits; less memory evicts', () => {
    const arc = makeArc(64 * MIB);
    const small = addArcDataset(arc, 2000, 16 * KIB);
    const large = addArcDataset(arc, 8000, 16 * KIB);
    warmDataset(arc, small, 0);
    expect(small.bytes).toBe(2000 * 16 * KIB);
    warmDataset(arc, large, 0);
    expect(large.bytes).toBe(32 * MIB);
    consistent(arc);
    retargetArc(arc, 16 * MIB);
    consistent(arc);
    removeArcDataset(arc, small);
    consistent(arc);
    expect(arc.datasets[small.slot]).toBeUndefined();
  });
});
