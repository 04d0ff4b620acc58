import { expect, it } from 'vitest';
import { KIB, MIB } from '@orrery/kernel';
import { flashFigures, flashServiceNs } from './flash.ts';

const sata = flashFigures({
  channels: 8,
  readLatencyNs: 120_000,
  writeLatencyNs: 100_000,
  transferBytesPerSecondOuter: 500_000_000,
  powerLossProtection: true,
});
const nvme = { ...sata, channels: 32, writeLatencyNs: 30_000, linkBytesPerSecond: 2_500_000_000 };

it('writes 8 KiB for good in 100 us + 8192/500 MB/s = 116 us on SATA, 33 us on NVMe', () => {
  const access = { write: true, flush: true, sizeBytes: 8 * KIB, at: 0, linkFree: 0 };
  expect(flashServiceNs(sata, access)).toBe(116_384);
  expect(flashServiceNs(nvme, access)).toBe(33_277);
});

it('adds the time to program flash where no capacitor protects the cache', () => {
  const naked = flashFigures({
    channels: 8,
    readLatencyNs: 120_000,
    writeLatencyNs: 100_000,
    transferBytesPerSecondOuter: 500_000_000,
    powerLossProtection: false,
  });
  expect(flashServiceNs(naked, { write: true, flush: true, sizeBytes: 0, at: 0, linkFree: 0 })).toBe(
    1_000_000,
  );
  expect(flashServiceNs(naked, { write: true, flush: false, sizeBytes: 0, at: 0, linkFree: 0 })).toBe(
    100_000,
  );
});

it('shares its link: eight reads of 1 MiB at once leave at 500 MB/s together', () => {
  let linkFree = 0;
  for (let channel = 0; channel < 8; channel++) {
    linkFree = flashServiceNs(sata, { write: false, flush: false, sizeBytes: MIB, at: 0, linkFree });
  }
  expect(linkFree).toBe(120_000 + 8 * 2_097_152);
});
