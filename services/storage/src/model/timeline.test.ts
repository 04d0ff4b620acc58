import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Behind, ledgerTotal, Place, type LedgerEntry } from '@orrery/proto';
import { chargeWait, makeTimeline, occupy, pickChannel } from './timeline.ts';

const itself = { behind: Behind.ITSELF, zone: 7 };

describe('a time line', () => {
  it('charges a wait to what was served meanwhile', () => {
    const line = makeTimeline(1);
    const waitingSince = 5;
    occupy(line, 0, { start: 0, end: 10, behind: Behind.ITSELF, zone: 7, waitingSince });
    occupy(line, 0, { start: 10, end: 30, behind: Behind.RESILVER, zone: 0, waitingSince });
    occupy(line, 0, { start: 30, end: 60, behind: Behind.ITSELF, zone: 9, waitingSince });
    const ledger: LedgerEntry[] = [];
    chargeWait(line, 0, { from: 5, to: 60, zone: 7, room: itself }, ledger);
    expect(ledger).toEqual([
      { place: Place.VDEV_QUEUE, behind: Behind.OTHER_ZONE, zone: 9, ns: 30 },
      { place: Place.VDEV_QUEUE, behind: Behind.RESILVER, zone: 0, ns: 20 },
      { place: Place.VDEV_QUEUE, behind: Behind.ITSELF, zone: 0, ns: 5 },
    ]);
  });

  it('starts an I/O on the first channel idle since before its issue', () => {
    const line = makeTimeline(3);
    line.free = [50, 20, 10];
    expect(pickChannel(line, [null, null, null], 30)).toBe(1);
    expect(pickChannel(line, [null, null, null], 5)).toBe(2);
    expect(pickChannel(line, [null, {}, {}], 5)).toBe(0);
    expect(pickChannel(line, [{}, {}, {}], 5)).toBe(-1);
  });

  it('charges every nanosecond of a wait exactly once, gaps included', () => {
    const stretch = fc.record({
      gap: fc.integer({ min: 0, max: 20 }),
      length: fc.integer({ min: 1, max: 50 }),
      zone: fc.integer({ min: 1, max: 3 }),
      behind: fc.constantFrom(Behind.ITSELF, Behind.RESILVER, Behind.TXG_SYNC),
    });
    fc.assert(
      fc.property(fc.array(stretch), fc.nat(500), fc.nat(500), (stretches, from, length) => {
        const line = makeTimeline(1);
        let at = 0;
        for (const { gap, length: ns, zone, behind } of stretches) {
          occupy(line, 0, { start: at + gap, end: at + gap + ns, behind, zone, waitingSince: from });
          at += gap + ns;
        }
        const ledger: LedgerEntry[] = [];
        chargeWait(line, 0, { from, to: from + length, zone: 1, room: itself }, ledger);
        expect(ledgerTotal(ledger)).toBe(length);
      }),
    );
  });
});
