import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { MS, SECOND, US } from '@orrery/kernel';
import {
  advanceBurst,
  effectiveCap,
  makeBurst,
  nextTurn,
  setRate,
  turn,
  type Burst,
  type BurstLimits,
} from './cpu-burst.ts';

const place = { slot: 0, zone: 1 };
const limits: BurstLimits = { cpuCap: 200, cpuBaseline: 100, cpuBurstNs: 10 * SECOND };

function tracked(changes: Partial<BurstLimits> = {}): Burst {
  return makeBurst(place, { ...limits, ...changes }, 0)!;
}

/** Of a zone that always has threads enough for its cap. @returns when its cap changed, ns */
function hot(burst: Burst, until: number): number[] {
  const turns: number[] = [];
  setRate(burst, 0, effectiveCap(burst));
  for (let due = nextTurn(burst); due <= until; due = nextTurn(burst)) {
    advanceBurst(burst, due);
    expect(turn(burst)).toBe(true);
    setRate(burst, due, effectiveCap(burst));
    turns.push(due);
  }
  return turns;
}

describe('a zone that is always hot', () => {
  test('has its burst time at the cap, and as long at the baseline', () => {
    const turns = hot(tracked(), 45 * SECOND);
    // From 0, usage is over 100.01 of 200 after 100 ms · ln (200 / 99.99) = 69.325 ms.
    const first = 10 * SECOND + 69_324_719;
    // At the baseline before, it is over it after 100 ms · ln (100 / 99.99) = 10.001 us.
    const again = 10 * SECOND + 10_001;
    expect(turns).toEqual([
      first,
      first + 10 * SECOND,
      first + 10 * SECOND + again,
      first + 20 * SECOND + again,
    ]);
  });

  test('one percent over its baseline is over it', () => {
    // 100 ms · ln (101 / 0.99) = 462.5 ms.
    const [first = 0] = hot(tracked({ cpuCap: 101 }), 20 * SECOND);
    expect(Math.round((first - 10 * SECOND) / (100 * US))).toBe(4625);
  });
});

test('a zone at its baseline bursts for as long as it takes to come down to it, and never again', () => {
  const burst = tracked();
  setRate(burst, 0, 200);
  setRate(burst, SECOND, 100);
  expect(nextTurn(burst)).toBe(Infinity);
  advanceBurst(burst, 1.5 * SECOND);
  // Over from 69.3 ms on.
  expect(burst.countNs).toBe(1.5 * SECOND - 69_324_719);
  advanceBurst(burst, 4 * SECOND);
  // From 199.99 to 100.01 in 100 ms · ln (99.99… / 0.01) = 921.03 ms; from there on down: 1.8517 − 2.0790 s.
  expect(burst.countNs).toBe(0);
  expect(nextTurn(burst)).toBe(Infinity);
});

describe('a zone that is busy now and then', () => {
  /** @returns the most burst time that counted, ns */
  function pattern(burst: Burst, onNs: number, offNs: number, rounds: number): number {
    let most = 0;
    for (let now = 0, i = 0; i < rounds; i++) {
      setRate(burst, now, 200);
      setRate(burst, (now += onNs), 0);
      most = Math.max(most, burst.countNs);
      setRate(burst, (now += offNs), 0);
    }
    return most;
  }

  test('does not burst with its requests: 10 of each 100 ms at 200 are at most 30', () => {
    // 200 · (1 − e^−0.1) / (1 − e^−1) = 30.1.
    expect(pattern(tracked({ cpuBaseline: 31 }), 10 * MS, 90 * MS, 100)).toBe(0);
    expect(pattern(tracked({ cpuBaseline: 30 }), 10 * MS, 90 * MS, 100)).toBeGreaterThan(0);
  });

  test('saves in a second off what it used in a second on', () => {
    const burst = tracked();
    const most = pattern(burst, SECOND, SECOND, 50);
    // Over from 69.3 ms of the second on, to 69.3 ms after it.
    expect(Math.abs(most - (SECOND - 69_324_719))).toBeLessThan(20 * US);
    expect(burst.countNs).toBeLessThan(140 * MS);
  });

  test('with 2 s on and 1 s off has used 10 s up in the tenth', () => {
    const burst = tracked();
    pattern(burst, 2 * SECOND, SECOND, 8);
    setRate(burst, 24 * SECOND, 200);
    expect(Math.abs(nextTurn(burst) - 26 * SECOND)).toBeLessThan(200 * MS);
  });
});

test('a held zone counts down though it idles', () => {
  const burst = tracked();
  const [first = 0] = hot(burst, 11 * SECOND);
  setRate(burst, first + SECOND, 0);
  expect(effectiveCap(burst)).toBe(100);
  expect(nextTurn(burst)).toBe(first + 10 * SECOND);
  advanceBurst(burst, first + 10 * SECOND);
  expect([turn(burst), effectiveCap(burst), nextTurn(burst)]).toEqual([true, 200, Infinity]);
});

test.each([
  ['no baseline', { cpuBaseline: 0 }],
  ['a baseline at the cap', { cpuBaseline: 200 }],
  ['no cap', { cpuCap: 0 }],
  ['unlimited burst time', { cpuBurstNs: 0 }],
])('%s: nothing is tracked', (_, changes) => {
  expect(makeBurst(place, { ...limits, ...changes }, 0)).toBeUndefined();
});

const rates = fc.array(
  fc.record({ rate: fc.integer({ min: 0, max: 400 }), ns: fc.integer({ min: 1, max: 400 * MS }) }),
  { minLength: 1, maxLength: 50 },
);

test('looking in between changes nothing but nanoseconds', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 2 * MS, max: 50 * MS }), (steps, everyNs) => {
      const burst = tracked({ cpuCap: 400, cpuBurstNs: 3600 * SECOND });
      const watched = { ...burst };
      let now = 0;
      let looks = 0;
      for (const { rate, ns } of steps) {
        setRate(burst, now, rate);
        setRate(watched, now, rate);
        for (let at = now + everyNs; at < now + ns; at += everyNs) {
          advanceBurst(watched, at);
          looks++;
        }
        now += ns;
      }
      advanceBurst(burst, now);
      advanceBurst(watched, now);
      expect(Math.abs(watched.countNs - burst.countNs)).toBeLessThanOrEqual(4 * (looks + steps.length));
      expect(watched.usage).toBeCloseTo(burst.usage, 6);
    }),
  );
});

test('a turn foretold comes then, if the rate stays', () => {
  fc.assert(
    fc.property(rates, (steps) => {
      const burst = tracked({ cpuCap: 400, cpuBurstNs: 300 * MS });
      let now = 0;
      for (const { rate, ns } of steps) {
        setRate(burst, now, rate);
        for (let due = nextTurn(burst); due <= now + ns; due = nextTurn(burst)) {
          expect(due).toBeGreaterThanOrEqual(burst.at);
          if (due > burst.at) {
            const early = { ...burst };
            advanceBurst(early, due - 1);
            expect(turn(early)).toBe(false);
          }
          advanceBurst(burst, due);
          expect(turn(burst)).toBe(true);
        }
        now += ns;
      }
    }),
  );
});

test('counts what ticks of 1 ms would, within a tick for each change', () => {
  fc.assert(
    fc.property(rates, (steps) => {
      const burst = tracked({ cpuCap: 400, cpuBurstNs: 3600 * SECOND });
      const whole = steps.map(({ rate, ns }) => ({ rate, ticks: Math.ceil(ns / MS) }));
      // cpucaps: usage decays by a hundredth and gains what ran; 100 ticks of one CPU make 100 percent.
      let usage = 0;
      let counted = 0;
      let now = 0;
      for (const { rate, ticks } of whole) {
        setRate(burst, now, rate);
        for (let i = 0; i < ticks; i++) {
          usage += rate / 100 - usage / 100;
          counted = Math.max(0, counted + (usage > 100.01 ? 1 : -1));
        }
        now += ticks * MS;
      }
      advanceBurst(burst, now);
      // The decays, e^−0.01 and 0.99 a tick, part by half a percent of the time a crossing takes: up to 1 s at 0.01 %.
      const apart = 2 * whole.length + whole.reduce((sum, { ticks }) => sum + ticks, 0) / 100;
      expect(Math.abs(burst.countNs / MS - counted)).toBeLessThanOrEqual(apart + 4);
    }),
  );
});
