import { describe, expect, test } from 'vitest';
import { makeStream, MS, SECOND, US } from '@orrery/kernel';
import { ledgerTotal, Place, type LedgerEntry, type PathState } from '@orrery/proto';
import { makePath, travel } from './path.ts';

const state: PathState = {
  peer: 'cn-0002',
  network: '',
  up: true,
  latencyNs: 250 * US,
  lossPerMillion: 0,
  rateBps: 1_000_000_000,
  bottleneck: 'cn-0001/nic/ixgbe0',
  cost: [
    { place: Place.WIRE, behind: 0, zone: 0, ns: 20 * US },
    { place: Place.LOOKAHEAD, behind: 0, zone: 0, ns: 230 * US },
  ],
};
const stream = makeStream(1, 'path');

describe('path', () => {
  test('takes its latency, and 8 ns a byte at 1 Gbps, one message after the other', () => {
    const path = makePath(state);
    const first: LedgerEntry[] = [];
    expect(travel(path, 1000, 0, stream, first)).toBe(8 * US + 250 * US);
    const second: LedgerEntry[] = [];
    expect(travel(path, 1000, 2 * US, stream, second)).toBe(16 * US + 250 * US);
    expect(ledgerTotal(second)).toBe(16 * US + 250 * US - 2 * US);
    expect(second.find(({ place }) => place === Place.LINK_QUEUE)!.ns).toBe(14 * US);
    expect(path.bytes).toBe(2000);
  });

  test('loses one message in a hundred at 1 %, for 400 ms, and one in ten thousand twice', () => {
    const path = makePath({ ...state, lossPerMillion: 10_000 });
    let once = 0;
    let twice = 0;
    for (let i = 0; i < 100_000; i++) {
      const ledger: LedgerEntry[] = [];
      const sent = i * SECOND;
      const arrived = travel(path, 100, sent, stream, ledger);
      expect(ledgerTotal(ledger)).toBe(arrived - sent);
      if (arrived - sent > 1200 * MS) twice++;
      else if (arrived - sent > 400 * MS) once++;
    }
    expect(once).toBeGreaterThan(900);
    expect(once).toBeLessThan(1100);
    expect(twice).toBeGreaterThan(2);
    expect(twice).toBeLessThan(25);
  });

  test('a cost that is not the latency is a bug of the net', () => {
    expect(() => makePath({ ...state, latencyNs: 1 })).toThrow('costs other');
  });
});
