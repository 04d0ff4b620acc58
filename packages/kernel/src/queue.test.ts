import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareOrder, EventQueue, type OrderKey } from './index.ts';

function add(queue: EventQueue, key: OrderKey): number {
  const slot = queue.push(key.time, key.step, key.source, key.sequence);
  queue.kind[slot] = 1;
  return queue.handleOf(slot);
}

function drain(queue: EventQueue): OrderKey[] {
  const keys: OrderKey[] = [];
  for (let slot = queue.pop(); slot >= 0; slot = queue.pop()) {
    keys.push({
      time: queue.time[slot],
      step: queue.step[slot],
      source: queue.source[slot],
      sequence: queue.sequence[slot],
    });
  }
  return keys;
}

const key = fc.record({ time: fc.nat(20), step: fc.nat(2), source: fc.nat(3) });

describe('the event queue', () => {
  test('gives events in the total order, whatever was cancelled and whenever it was popped', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 400 }), (entries) => {
        const queue = new EventQueue();
        const live = new Map<number, OrderKey>();
        const popped: OrderKey[] = [];
        entries.forEach(([partial, action], sequence) => {
          const event = { ...partial, sequence };
          live.set(add(queue, event), event);
          const handles = [...live.keys()];
          if (action < 3) {
            const victim = handles[(action * 7919) % handles.length];
            expect(queue.cancel(victim)).toBe(true);
            expect(queue.cancel(victim)).toBe(false);
            live.delete(victim);
          }
          expect(queue.size).toBe(live.size);
          const first = [...live.values()].sort(compareOrder)[0];
          expect(queue.nextTime()).toBe(first === undefined ? Infinity : first.time);
        });
        popped.push(...drain(queue));
        expect(popped).toEqual([...live.values()].sort(compareOrder));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('forgets cancelled events even when nobody pops', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 100_000; i++)
      queue.cancel(add(queue, { time: 1e12 + i, step: 0, source: 1, sequence: i }));
    expect(queue.size).toBe(0);
    expect(queue.time.length).toBeLessThan(8192);
  });
});
