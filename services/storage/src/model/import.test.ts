import { expect, it } from 'vitest';
import { MIB, SECOND } from '@orrery/kernel';
import { importNs } from './import.ts';

const disks = {
  readNs: 12_700_000,
  datasets: 20,
  hangs: false,
  replayBytes: 0,
  logBytesPerSecond: 150_000_000,
};

it('takes 0.8 s + (4 + 120 + 20) * 12.7 ms = 2.63 s on disks', () => {
  expect(importNs(disks)).toBe(2_628_800_000);
});

it('replays 150 MB of log in 1 s of reading and 9,156 * 0.1 ms of applying', () => {
  const more = importNs({ ...disks, replayBytes: 150_000_000 }) - importNs(disks);
  expect(more).toBe(SECOND + Math.ceil(150_000_000 / 16_384) * 100_000);
  expect(importNs({ ...disks, replayBytes: MIB })).toBeGreaterThan(importNs(disks));
});

it('waits 20 s for a disk that does not answer', () => {
  expect(importNs({ ...disks, hangs: true }) - importNs(disks)).toBe(20 * SECOND);
});
