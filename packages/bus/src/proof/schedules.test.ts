import { describe, expect, test } from 'vitest';
import type { Mutation } from './broker.case.ts';
import { runSchedules } from './schedules.case.ts';

const mutations: Mutation[] = [
  'hear the publish subject',
  'index by arrival',
  'do not wait for acknowledgements',
  'do not poll',
  'do not send again',
  'no expected sequence',
  'no earliestSent',
  'no earliestLoose',
  'cancelled timers are pending',
  'forget request ids',
  'purge to the newest pointer',
  'pointers move back',
  'hand over nothing',
];

describe('the window protocol', () => {
  test('keeps every rule under 2,000 schedules of loss, repetition, disorder and death', () => {
    const sum = runSchedules({ first: 1, count: 2000 });
    expect(sum.schedules).toBe(2000);
    expect(sum.kills).toBeGreaterThan(5000);
  });

  test.each(mutations)('is seen to break: %s', (mutation) => {
    expect(() => runSchedules({ first: 1, count: 2000, mutation })).toThrow(/^schedule \d+: /);
  });
});
