import { expect, it } from 'vitest';
import { interiorState, poolHealth, toleranceOf, type ChildState } from './vdev-state.ts';

const ok: ChildState = { state: 'ONLINE', usable: true };
const bad: ChildState = { state: 'FAULTED', usable: false };
const worn: ChildState = { state: 'DEGRADED', usable: true };

it('lets a mirror survive all but one', () => {
  expect(interiorState([ok, ok], 1)).toBe('ONLINE');
  expect(interiorState([ok, bad], 1)).toBe('DEGRADED');
  expect(interiorState([ok, worn], 1)).toBe('DEGRADED');
  expect(interiorState([bad, bad], 1)).toBe('UNAVAIL');
  expect(toleranceOf('mirror', 3)).toBe(2);
});

it('lets raidz2 survive two', () => {
  expect(toleranceOf('raidz2', 6)).toBe(2);
  expect(interiorState([ok, bad, bad, ok], 2)).toBe('DEGRADED');
  expect(interiorState([bad, bad, bad, ok], 2)).toBe('UNAVAIL');
});

it('says OFFLINE where every child is', () => {
  const off: ChildState = { state: 'OFFLINE', usable: false };
  expect(interiorState([off, off], 1)).toBe('OFFLINE');
});

it('loses the pool with a top-level vdev, but not with a log', () => {
  const up = { state: 'ONLINE' as const, log: false, usable: true };
  expect(poolHealth([up, up])).toBe('ONLINE');
  expect(poolHealth([up, { state: 'FAULTED', log: true, usable: false }])).toBe('DEGRADED');
  expect(poolHealth([up, { state: 'UNAVAIL', log: false, usable: false }])).toBe('UNAVAIL');
  expect(poolHealth([up, { state: 'DEGRADED', log: false, usable: true }])).toBe('DEGRADED');
});
