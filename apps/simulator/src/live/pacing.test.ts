import { expect, test } from 'vitest';
import { Pacing } from './pacing.ts';

const MS = 1_000_000;
const WINDOW = 50 * MS;

test('a window may run once the wall clock has reached its begin', () => {
  const pacing = new Pacing(WINDOW, 1);
  pacing.restart(1000, 0);
  expect(pacing.allowed(1000, 0)).toBe(WINDOW);
  expect(pacing.waitMs(1000, WINDOW)).toBe(50);
  expect(pacing.allowed(1049, WINDOW)).toBe(WINDOW);
  expect(pacing.allowed(1050, WINDOW)).toBe(2 * WINDOW);
});

test('ten times as fast, ten times as far', () => {
  const pacing = new Pacing(WINDOW, 10);
  pacing.restart(0, 0);
  expect(pacing.allowed(100, 900 * MS)).toBe(1050 * MS);
  expect(pacing.waitMs(100, 1050 * MS)).toBe(5);
  pacing.restart(100, 1000 * MS, 1);
  expect(pacing.allowed(150, 1000 * MS)).toBe(1100 * MS);
});

test('as fast as it goes never waits', () => {
  const pacing = new Pacing(WINDOW, Infinity);
  pacing.restart(0, 0);
  expect(pacing.allowed(0, 0)).toBe(Infinity);
  expect(pacing.waitMs(0, 5)).toBe(0);
});

test('a run that was held up does not race to make up for it', () => {
  const pacing = new Pacing(WINDOW, 1);
  pacing.restart(0, 0);
  expect(pacing.allowed(60_000, 100 * MS)).toBe(150 * MS);
  expect(pacing.allowed(60_100, 150 * MS)).toBe(250 * MS);
});

test('the real speed is that of the last seconds', () => {
  const pacing = new Pacing(WINDOW, Infinity);
  pacing.restart(0, 0);
  for (let ms = 200; ms <= 20_000; ms += 200) pacing.note(ms, ms * (ms <= 10_000 ? 2 : 3) * MS);
  expect(pacing.speedNow()).toBeCloseTo(3, 5);
});
