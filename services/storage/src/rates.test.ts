/** Rates that a user would measure, each against arithmetic written beside it. */
import { describe, expect, it } from 'vitest';
import { GIB, KIB, SECOND } from '@orrery/kernel';
import { Place, ZioKind } from '@orrery/proto';
import { hdd, LOOKAHEAD, makeHost, osOf, ssd, type Load } from './pool.case.ts';

const mirror = { kind: 'mirror' as const, disks: ['c0t0d0', 'c0t1d0'] };
const single = { kind: 'disk' as const, disks: ['c0t0d0'] };
/** A quarter of the disk and more is used: data lies over all of it. */
const full = 300 * GIB;

function rate(bench: Parameters<typeof makeHost>[0], load: Partial<Load>, seconds = 60): number {
  const host = makeHost({ usedBytes: full, ...bench, load });
  host.runUntil(seconds * SECOND);
  return osOf(host).done.length / seconds;
}

const within = (measured: number, expected: number) => {
  expect(measured).toBeGreaterThan(expected * 0.9);
  expect(measured).toBeLessThan(expected * 1.1);
};

describe('8 KiB random reads of 7,200 rpm disks, whole disk, lookahead 250 us', () => {
  it('are 1 / (8.5 + 8.333/2 + 0.055 ms) = 79 a second at depth 1', () => {
    within(rate({ vdevs: [single], disks: [hdd('c0t0d0')] }, { depth: 1 }), 1000 / (8.5 + 8.333 / 2 + 0.055));
  });

  it('are 1 / ((8.5 + 8.333/2)/1.9 + 0.055 ms) = 149 a second at depth 10', () => {
    const expected = 1000 / ((8.5 + 8.333 / 2) / 1.9 + 0.055);
    within(rate({ vdevs: [single], disks: [hdd('c0t0d0')] }, { depth: 10 }), expected);
  });

  it('are twice as many on a mirror, at equal depth on each disk', () => {
    const disks = [hdd('c0t0d0'), hdd('c0t1d0')];
    const expected = 2 * (1000 / ((8.5 + 8.333 / 2) / 1.9 + 0.055));
    within(rate({ vdevs: [mirror], disks }, { depth: 20 }), expected);
  });

  it('need three of the four disks of a raidz1 each and wait for the slowest: at most 4/3 of 149, not 4 times', () => {
    const disks = ['c0t0d0', 'c0t1d0', 'c0t2d0', 'c0t3d0'].map((name) => hdd(name));
    const vdevs = [{ kind: 'raidz1' as const, disks: disks.map((disk) => disk.name) }];
    const measured = rate({ vdevs, disks }, { depth: 10, sizeBytes: 24 * KIB }, 30);
    expect(measured).toBeLessThan((149 * 4) / 3);
    expect(measured).toBeGreaterThan(100);
  });
});

describe('8 KiB sync writes, one after another', () => {
  it('lose a revolution each on a disk: 1 / (8.333 + 0.041 ms) = 119 a second', () => {
    const load = { depth: 1, kind: ZioKind.ZIO_LOG_WRITE };
    within(rate({ vdevs: [single], disks: [hdd('c0t0d0')] }, load), 1000 / (8.333 + 0.041));
  });

  it('take 0.116 ms on a SATA SLOG, which the lookahead rounds up to 2 x 250 us: 2,000 a second', () => {
    const bench = {
      vdevs: [single],
      logs: [{ kind: 'disk' as const, disks: ['c0t7d0'] }],
      disks: [hdd('c0t0d0'), ssd('c0t7d0')],
    };
    const load = { depth: 1, kind: ZioKind.ZIO_LOG_WRITE };
    within(rate(bench, load, 5), 1e9 / (2 * LOOKAHEAD));
    const fine = { ...bench, lookaheadNs: 50_000 };
    within(rate(fine, load, 5), 1e9 / (100_000 + (8192 * 1e9) / 500_000_000));
  });

  it('charge the rounding to its own account: 500 - 116.384 us', () => {
    const host = makeHost({
      vdevs: [single],
      logs: [{ kind: 'disk', disks: ['c0t7d0'] }],
      disks: [hdd('c0t0d0'), ssd('c0t7d0')],
      load: { kind: ZioKind.ZIO_LOG_WRITE },
    });
    host.runUntil(SECOND / 100);
    expect(osOf(host).ledgers[1].ledger).toEqual([
      { place: Place.DEVICE, behind: 0, zone: 0, ns: 116_384 },
      { place: Place.LOOKAHEAD, behind: 0, zone: 0, ns: 500_000 - 116_384 },
    ]);
  });
});
