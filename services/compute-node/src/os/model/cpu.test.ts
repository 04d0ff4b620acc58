import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { MS, SECOND } from '@orrery/kernel';
import {
  addCpuZone,
  advanceCpu,
  endDirect,
  endShared,
  leaveShared,
  makeCpu,
  nextEnd,
  rateOf,
  retuneCpu,
  settleCpu,
  startThread,
  type Cpu,
  type CpuThread,
} from './cpu.ts';

const free = { shares: 100, capPercent: 0, vcpus: 0 };

/** Starts `count` threads that never end within a test. */
function busy(cpu: Cpu, slot: number, count: number, now = 0): void {
  for (let i = 0; i < count; i++) startThread(cpu, slot, slot * 1000 + i, 3600 * SECOND, now);
}

function used(cpu: Cpu, slot: number): number {
  return cpu.zones[slot]!.usedNs;
}

function waits(thread: CpuThread): number {
  return thread.doneNs + thread.capNs + thread.selfNs + thread.behindNs.reduce((a, b) => a + b, 0);
}

describe('shares', () => {
  test('100 and 300 on a saturated node of 4 get 25 % and 75 %', () => {
    const cpu = makeCpu(4);
    const a = addCpuZone(cpu, 1, free);
    const b = addCpuZone(cpu, 2, { ...free, shares: 300 });
    busy(cpu, a, 4);
    busy(cpu, b, 4);
    advanceCpu(cpu, 10 * SECOND);
    expect(used(cpu, a)).toBe(10 * SECOND);
    expect(used(cpu, b)).toBe(30 * SECOND);
  });

  test('a cap of 250 holds a zone to 2.5 CPUs, and the lost time is the cap’s', () => {
    const cpu = makeCpu(8);
    const a = addCpuZone(cpu, 1, { ...free, capPercent: 250 });
    for (let key = 0; key < 5; key++) startThread(cpu, a, key, SECOND, 0);
    // 5 s of work at 2.5 CPUs.
    expect(nextEnd(cpu)).toBe(2 * SECOND + 1);
    const ended = endShared(cpu, 2 * SECOND + 1);
    expect(ended).toHaveLength(5);
    expect(used(cpu, a)).toBe(5 * SECOND + 2);
    expect(ended[0].capNs).toBe(SECOND + 1);
    expect(ended[0].behindNs).toEqual([]);
  });

  test('an idle neighbour’s CPU is taken up whole', () => {
    const cpu = makeCpu(4);
    const a = addCpuZone(cpu, 1, free);
    addCpuZone(cpu, 2, { ...free, shares: 300 });
    busy(cpu, a, 8);
    advanceCpu(cpu, SECOND);
    expect(used(cpu, a)).toBe(4 * SECOND);
  });

  test('what a small zone leaves goes to the others by shares', () => {
    const cpu = makeCpu(10);
    const a = addCpuZone(cpu, 1, { ...free, shares: 600 });
    const b = addCpuZone(cpu, 2, { ...free, shares: 300 });
    const c = addCpuZone(cpu, 3, free);
    busy(cpu, a, 1);
    busy(cpu, b, 20);
    busy(cpu, c, 20);
    advanceCpu(cpu, 4 * SECOND);
    expect([used(cpu, a), used(cpu, b), used(cpu, c)]).toEqual([4 * SECOND, 27 * SECOND, 9 * SECOND]);
  });

  test('a zone without shares gets what is left only', () => {
    const cpu = makeCpu(2);
    const a = addCpuZone(cpu, 1, { ...free, shares: 0 });
    const b = addCpuZone(cpu, 2, free);
    busy(cpu, a, 2);
    busy(cpu, b, 1);
    advanceCpu(cpu, SECOND);
    expect(used(cpu, a)).toBe(SECOND);
    busy(cpu, b, 5, SECOND);
    advanceCpu(cpu, 2 * SECOND);
    expect(used(cpu, a)).toBe(SECOND);
  });

  test('a guest of 2 VCPUs waits behind itself', () => {
    const cpu = makeCpu(8);
    const a = addCpuZone(cpu, 1, { ...free, vcpus: 2 });
    for (let key = 0; key < 4; key++) startThread(cpu, a, key, 10 * MS, 0);
    const [thread] = endShared(cpu, nextEnd(cpu));
    expect(thread.doneNs).toBe(10 * MS);
    expect(thread.selfNs).toBe(10 * MS + 1);
    expect(thread.capNs).toBe(0);
  });
});

describe('threads', () => {
  test('with CPUs to spare a thread ends at now + work', () => {
    const cpu = makeCpu(2);
    const a = addCpuZone(cpu, 1, free);
    expect(startThread(cpu, a, 1, 5 * MS, MS)).toBe(6 * MS);
    expect(endDirect(cpu, a, 1, 6 * MS)!.doneNs).toBe(5 * MS);
    expect(used(cpu, a)).toBe(5 * MS);
  });

  test('one thread too many makes all share; room again lets the last run by themselves', () => {
    const cpu = makeCpu(2);
    const a = addCpuZone(cpu, 7, free);
    const b = addCpuZone(cpu, 8, free);
    startThread(cpu, a, 1, 4 * MS, 0);
    startThread(cpu, b, 2, 10 * MS, 0);
    // At 1 ms each has done 1 ms; then zone b has 2 threads on 1 CPU and a keeps its own.
    expect(startThread(cpu, b, 3, 3 * MS, MS)).toBe(-1);
    expect(nextEnd(cpu)).toBe(4 * MS);
    expect(endShared(cpu, 4 * MS).map((thread) => thread.key)).toEqual([1]);
    // Thread 3 has 1.5 ms left and now a CPU of its own.
    expect(nextEnd(cpu)).toBe(5.5 * MS);
    const [third] = endShared(cpu, 5.5 * MS);
    expect(third.key).toBe(3);
    expect(third.doneNs).toBe(3 * MS);
    // It waited 1.5 of the 3 ms, in which a and b were served 3 ms each: half for a, half for its own zone.
    expect(third.behindNs[a]).toBe(0.75 * MS);
    expect(third.selfNs).toBe(0.75 * MS);
    const rest = leaveShared(cpu, 5.5 * MS)!;
    expect(rest.map((thread) => thread.workNs - thread.doneNs)).toEqual([10 * MS - MS - 1.5 * MS - 1.5 * MS]);
    expect(endDirect(cpu, b, 2, 11.5 * MS)!.doneNs).toBe(10 * MS);
  });

  test('waits are named after the zones in proportion to the work they did', () => {
    const cpu = makeCpu(4);
    const victim = addCpuZone(cpu, 1, free);
    const small = addCpuZone(cpu, 2, free);
    const large = addCpuZone(cpu, 3, { ...free, shares: 300 });
    busy(cpu, small, 4);
    busy(cpu, large, 4);
    busy(cpu, victim, 4);
    for (let now = 0; now < SECOND; now += MS) advanceCpu(cpu, now + MS);
    const { behindNs } = cpu.zones[victim]!;
    expect(behindNs[large] / behindNs[small]).toBeGreaterThan(2.9);
    expect(behindNs[large] / behindNs[small]).toBeLessThan(3.1);
  });

  test('a victim with more threads than CPUs waits behind its neighbour, not behind itself', () => {
    const cpu = makeCpu(4);
    const victim = addCpuZone(cpu, 1, free);
    const hog = addCpuZone(cpu, 2, { ...free, shares: 300 });
    busy(cpu, victim, 8);
    busy(cpu, hog, 8);
    advanceCpu(cpu, 8 * SECOND);
    // 1 CPU for 8 threads: each ran 1 s and waited 7, in which the hog had 3 CPUs and the victim 1.
    const { progress, selfNs, behindNs } = cpu.zones[victim]!;
    expect([progress, selfNs, behindNs[hog]]).toEqual([SECOND, 1.75 * SECOND, 5.25 * SECOND]);
    // 3 CPUs for 8 threads: 3 s of work, 5 of waiting, a quarter of it for the victim.
    const neighbour = cpu.zones[hog]!;
    expect([neighbour.selfNs, neighbour.behindNs[victim]]).toEqual([3.75 * SECOND, 1.25 * SECOND]);
  });

  test('an odd nanosecond of a wait goes to the largest remainder', () => {
    const cpu = makeCpu(1);
    const victim = addCpuZone(cpu, 1, { ...free, shares: 200 });
    const small = addCpuZone(cpu, 2, { ...free, shares: 100 });
    const large = addCpuZone(cpu, 3, { ...free, shares: 700 });
    for (const slot of [victim, small, large]) busy(cpu, slot, 1);
    advanceCpu(cpu, 10);
    // Work 2, 1 and 7 ns; of 8 ns of waiting 1.6, 0.8 and 5.6: 5 + 1 + 0, and the last two to 0.8 and the first 0.6.
    const { progress, selfNs, behindNs } = cpu.zones[victim]!;
    expect([progress, selfNs, behindNs[small], behindNs[large]]).toEqual([2, 2, 1, 5]);
  });

  test('a cap that drops to half of what runs, and is back, is waited for just so long', () => {
    const cpu = makeCpu(8);
    const a = addCpuZone(cpu, 1, { ...free, capPercent: 200 });
    expect(startThread(cpu, a, 1, 10 * MS, 0)).toBe(10 * MS);
    retuneCpu(cpu, 4 * MS, 8, a, { ...free, capPercent: 50 });
    expect([cpu.shared, rateOf(cpu, a)]).toEqual([true, 0.5]);
    retuneCpu(cpu, 8 * MS, 8, a, { ...free, capPercent: 200 });
    expect(rateOf(cpu, a)).toBe(1);
    const [thread] = leaveShared(cpu, 8 * MS)!;
    expect([cpu.shared, rateOf(cpu, a), thread?.doneNs, thread?.capNs]).toEqual([false, 1, 6 * MS, 2 * MS]);
    expect(waits(endDirect(cpu, a, 1, 12 * MS)!)).toBe(12 * MS);
    expect(rateOf(cpu, a)).toBe(0);
  });

  test('taking CPUs away slows what runs', () => {
    const cpu = makeCpu(2);
    const a = addCpuZone(cpu, 1, free);
    startThread(cpu, a, 1, 10 * MS, 0);
    startThread(cpu, a, 2, 10 * MS, 0);
    retuneCpu(cpu, 5 * MS, 1, -1);
    expect(cpu.shared).toBe(true);
    expect(nextEnd(cpu)).toBe(15 * MS + 2);
  });
});

describe('conservation', () => {
  const event = fc.record({
    wait: fc.integer({ min: 0, max: 3 * MS }),
    slot: fc.integer({ min: 0, max: 3 }),
    work: fc.integer({ min: 1, max: 5 * MS }),
  });
  test('work, waits and CPU time sum, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (events, cpus) => {
        const cpu = makeCpu(cpus);
        addCpuZone(cpu, 1, free);
        addCpuZone(cpu, 2, { shares: 300, capPercent: 150, vcpus: 0 });
        addCpuZone(cpu, 3, { shares: 7, capPercent: 0, vcpus: 1 });
        addCpuZone(cpu, 4, { shares: 0, capPercent: 33, vcpus: 0 });
        const ends = new Map<number, number>();
        const left = new Map<number, number>();
        const run = (until: number): void => {
          for (;;) {
            const direct = cpu.shared ? undefined : [...ends].sort((a, b) => a[1] - b[1])[0];
            const next = cpu.shared ? nextEnd(cpu) : (direct?.[1] ?? Infinity);
            if (next > until) return;
            const threads = cpu.shared
              ? endShared(cpu, next)
              : [endDirect(cpu, Math.floor(direct![0] / 1000), direct![0], next)!];
            for (const thread of threads) {
              ends.delete(thread.key);
              expect(waits(thread)).toBe(next - thread.startedAt);
              expect(thread.doneNs).toBeGreaterThanOrEqual(thread.workNs);
              expect(thread.doneNs - thread.workNs).toBeLessThanOrEqual(4 * cpus + 4);
              left.delete(thread.key);
            }
            for (const thread of leaveShared(cpu, next) ?? [])
              ends.set(thread.key, next + Math.max(0, thread.workNs - thread.doneNs));
          }
        };
        let now = 0;
        events.forEach(({ wait, slot, work }, i) => {
          now += wait;
          run(now);
          const key = slot * 1000 + i;
          left.set(key, work);
          const end = startThread(cpu, slot, key, work, now);
          if (end >= 0) ends.set(key, end);
          const before = cpu.zones.reduce((sum, zone) => sum + zone!.usedNs, 0);
          settleCpu(cpu, now);
          expect(cpu.zones.reduce((sum, zone) => sum + zone!.usedNs, 0) - before).toBeGreaterThanOrEqual(0);
          expect(cpu.zones.reduce((sum, zone) => sum + zone!.usedNs, 0)).toBeLessThanOrEqual(cpus * now);
        });
        run(now + 60 * SECOND);
        expect(left.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('on a saturated node every nanosecond of every CPU is somebody’s', () => {
    const cpu = makeCpu(3);
    for (const shares of [100, 300, 7]) busy(cpu, addCpuZone(cpu, shares, { ...free, shares }), 4);
    for (let now = 1; now < 100_000; now += 1 + (now % 37)) {
      advanceCpu(cpu, now);
      expect(cpu.zones.reduce((sum, zone) => sum + zone!.usedNs, 0)).toBe(3 * now);
    }
  });
});
