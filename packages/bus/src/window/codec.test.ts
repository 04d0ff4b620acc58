import { describe, expect, test } from 'vitest';
import type { Envelope } from '@orrery/proto';
import { decodeEnvelope, decodeReplicaSnapshot, encodeEnvelope, encodeReplicaSnapshot } from './codec.ts';
import { newPosition } from './replica.ts';

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const never = Number.MAX_SAFE_INTEGER;
const window: Envelope = {
  window: {
    epoch: 2,
    replica: 'storage-1',
    n: 7,
    start: 250_000,
    end: 500_000,
    pending: 612_345,
    earliestSent: 500_000,
    earliestLoose: never,
    promise: 700_001,
    batches: [{ shard: 9, bytes: Uint8Array.of(1, 2, 255) }],
  },
};
const boundary: Envelope = {
  boundary: {
    number: 3,
    boundary: 50_000_000,
    epoch: 2,
    members: [{ replica: 'net', loose: false, shards: [4, 5] }],
    next: 50_000_100,
    floor: 50_000_200,
    hold: true,
    snapshot: false,
    commands: [
      {
        command: {
          n: 1,
          time: 50_000_000,
          kind: 1,
          target: 1_048_576,
          payload: Uint8Array.of(8, 1),
          text: 'inject disk.fail cn-0001/disk/c0t0d0',
          askedBy: 'operator',
          requestId: 'r-1',
          revertAt: 0,
        },
        own: false,
        shard: 4,
      },
    ],
    enablings: [{ n: 1, body: Uint8Array.of(3) }],
    headnode: 'headnode#1',
  },
};

/** Written by the first version of this wire. */
const recorded = {
  window:
    '0a350802120973746f726167652d3118072090a10f28a0c21e30f9af2538a0c21e40ffffffffffffff0f48e1dc2a5207080912030102ff',
  boundary:
    '127f08031080e1eb17180222090a036e65741a02040528e4e1eb1730c8e2eb1738014a4a0a4608011080e1eb171801208080402a0208013224696e6a656374206469736b2e6661696c20636e2d303030312f6469736b2f6330743064303a086f70657261746f724203722d311004520508011201035a0a686561646e6f64652331',
};

describe('the wire', () => {
  test('reads what its first version wrote, and writes it so', () => {
    expect(decodeEnvelope(bytesOf(recorded.window))).toEqual(window);
    expect(decodeEnvelope(bytesOf(recorded.boundary))).toEqual(boundary);
    expect(hex(encodeEnvelope(window))).toBe(recorded.window);
    expect(hex(encodeEnvelope(boundary))).toBe(recorded.boundary);
  });

  test('passes over what a later version adds', () => {
    const later = Uint8Array.of(...encodeEnvelope(window), 0xfa, 0x07, 2, 1, 1);
    expect(decodeEnvelope(later)).toEqual(window);
  });

  test('refuses whole what it cannot read', () => {
    const bytes = encodeEnvelope(boundary);
    expect(() => decodeEnvelope(bytes.subarray(0, 30))).toThrow('a stored message cannot be read');
    expect(() => decodeEnvelope(Uint8Array.of(0xfa, 0x07, 2, 1, 1))).toThrow(
      '5 bytes that say nothing known',
    );
  });

  test('gives a snapshot back, with the closer where there is one', () => {
    const position = {
      ...newPosition(),
      number: 4,
      members: [{ replica: 'a', loose: true, shards: [1] }],
      next: never,
    };
    const closer = {
      known: [{ requestId: 'q', boundary: 50 }],
      commandNumber: 1,
      enablingNumber: 0,
      epoch: 1,
      ever: ['a'],
    };
    expect(decodeReplicaSnapshot(encodeReplicaSnapshot({ position }))).toEqual({ position });
    expect(decodeReplicaSnapshot(encodeReplicaSnapshot({ position, closer }))).toEqual({ position, closer });
  });
});
