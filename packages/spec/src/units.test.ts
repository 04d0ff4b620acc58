import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatRate,
  parseDuration,
  parseFrequency,
  parseRate,
  parseShare,
  parseSize,
  parseThroughput,
} from './units.ts';
import { formatTime } from './text.ts';

describe('durations', () => {
  test.each([
    ['250us', 250_000],
    ['250µs', 250_000],
    ['1.5s', 1_500_000_000],
    ['2m', 120_000_000_000],
    ['2min', 120_000_000_000],
    ['1h30m', 5_400_000_000_000],
    ['7m26s', 446_000_000_000],
    ['00:02:00', 120_000_000_000],
    ['00:02:00.250', 120_250_000_000],
    ['12:00:00', 43_200_000_000_000],
    ['20 s', 20_000_000_000],
    ['3d', 259_200_000_000_000],
    ['0', 0],
    [0, 0],
  ])('%s is %d ns', (text, ns) => expect(parseDuration(text)).toBe(ns));

  test.each([
    '2',
    2,
    '',
    '2.5',
    '-1s',
    '1s2m',
    '1m1m',
    '2 seconds',
    '00:61:00',
    '0.5ns',
    '1e3s',
    '999999d',
    '1s ',
    'toString',
  ])('%s is none', (text) => expect(parseDuration(text)).toBe(text === '1s ' ? 1_000_000_000 : undefined));

  test('what is written out reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_000_000_000 }), (ns) => {
        expect(parseDuration(formatDuration(ns))).toBe(ns);
      }),
    );
    expect(formatDuration(446_000_000_000)).toBe('7m26s');
    expect(formatDuration(1_500)).toBe('1.5us');
    expect(formatDuration(0)).toBe('0s');
  });

  test('the clock of a story', () => {
    expect(formatTime(120_021_999_999)).toBe('00:02:00.021');
    expect(formatTime(360_000_000_000_000)).toBe('100:00:00.000');
  });
});

describe('sizes, rates, shares', () => {
  test.each([
    ['64GiB', 68_719_476_736],
    ['300GB', 300_000_000_000],
    ['1.5KiB', 1536],
    ['512B', 512],
    ['16 KiB', 16_384],
    [0, 0],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['64', 64, '64G', '64gib', '1.5B', '-1GiB', '99999PiB', '64GiB/s'])('%s is no size', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  test('rates are bits, throughput bytes, frequencies numbers a second', () => {
    expect(parseRate('10Gbps')).toBe(10_000_000_000);
    expect(parseRate('10GB')).toBeUndefined();
    expect(parseThroughput('180MB/s')).toBe(180_000_000);
    expect(parseThroughput('180MB')).toBeUndefined();
    expect(parseFrequency('20/s')).toBe(20);
    expect(parseFrequency('90/min')).toBe(1.5);
    expect(parseFrequency('20')).toBeUndefined();
  });

  test('shares are fractions from 0 to 1', () => {
    expect(parseShare('25%')).toBe(0.25);
    expect(parseShare(0.5)).toBe(0.5);
    expect(parseShare('101%')).toBeUndefined();
    expect(parseShare(-0.1)).toBeUndefined();
  });

  test('for people', () => {
    expect(formatRate(10_000_000_000)).toBe('10 Gbps');
  });
});
