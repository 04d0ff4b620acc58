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

  test('a long message mends what is lost inside in a round trip, and waits 400 ms for its last packets only', () => {
    // 51 packets: 48 of them before the last three, in one window, so with a loss of 1 % for each:
    //   1 − 0.99^48 = 0.3827 of messages are a round trip of 500 µs late,
    //   1 − 0.99^3 = 0.0297 for the tail and 0.3827 × 0.01 for what is lost twice wait for the timeout: 0.0335.
    const path = makePath({ ...state, rateBps: 0, lossPerMillion: 10_000 });
    const messages = 20_000;
    let mended = 0;
    let timedOut = 0;
    for (let i = 0; i < messages; i++) {
      const ledger: LedgerEntry[] = [];
      const took = travel(path, 51 * 1448, i * SECOND, stream, ledger) - i * SECOND;
      expect(ledgerTotal(ledger)).toBe(took);
      const lost = ledger.find(({ place }) => place === Place.RETRANSMIT)?.ns ?? 0;
      expect(took).toBe(lost + 250 * US);
      if (lost >= 400 * MS) timedOut++;
      if (lost % (400 * MS) === 500 * US) mended++;
    }
    expect(Math.abs(mended / messages - 0.3827)).toBeLessThan(0.011);
    expect(Math.abs(timedOut / messages - 0.0335)).toBeLessThan(0.004);
  });

  test('each window of 88 packets has its own round trip; all lost is given up at some time', () => {
    // 3 + 264 packets are three windows; with half of all lost, each of them surely loses some.
    const half = makePath({ ...state, rateBps: 0, lossPerMillion: 500_000 });
    const ledger: LedgerEntry[] = [];
    travel(half, 267 * 1448, 0, stream, ledger);
    const lost = ledger.find(({ place }) => place === Place.RETRANSMIT)!.ns;
    expect(lost % (400 * MS)).toBe(3 * 500 * US);
    const all = makePath({ ...state, rateBps: 0, lossPerMillion: 1_000_000 });
    expect(travel(all, 1e9, 0, stream, [])).toBeLessThan(1e13);
  });

  test('a cost that is not the latency is a bug of the net', () => {
    expect(() => makePath({ ...state, latencyNs: 1 })).toThrow('costs other');
  });
});
