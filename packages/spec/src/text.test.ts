import { expect, test } from 'vitest';
import { formatBytes, formatNs, formatTime } from './text.ts';

const [US, MS, SECOND, MINUTE, HOUR] = [1e3, 1e6, 1e9, 60e9, 3600e9];
const [KIB, GIB] = [1024, 1_073_741_824];

test.each([
  [0, '00:00:00.000'],
  [2 * MINUTE + 15 * SECOND + 21 * MS, '00:02:15.021'],
  [2 * MINUTE + 15 * SECOND + 21 * MS + 999_999, '00:02:15.021'],
  [25 * HOUR, '25:00:00.000'],
  [2 ** 53 - 1, '2501:59:59.254'],
])('the moment %d', (ns, text) => expect(formatTime(ns)).toBe(text));

test.each([
  [0, '0 ns'],
  [999, '999 ns'],
  [1500, '1.5 µs'],
  [250 * US, '250 µs'],
  [4.1 * MS, '4.1 ms'],
  [19_662_000, '19.7 ms'],
  [999_960_000, '1.0 s'],
  [5 * SECOND, '5 s'],
  [59.96 * SECOND, '1m00s'],
  [7 * MINUTE + 26.377 * SECOND, '7m26s'],
  [59 * MINUTE + 59.6 * SECOND, '1h00m'],
  [2 * HOUR + 5 * MINUTE, '2h05m'],
  [-4.1 * MS, '-4.1 ms'],
])('the length %d', (ns, text) => expect(formatNs(ns)).toBe(text));

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [8 * KIB, '8 KiB'],
  [1536, '1.5 KiB'],
  [20.1 * GIB, '20.1 GiB'],
  [1023.9 * GIB, '1.0 TiB'],
  [300.4 * 1024 * GIB, '300 TiB'],
  [-8 * KIB, '-8 KiB'],
])('the size %d', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
