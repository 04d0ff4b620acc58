import { describe, expect, it } from 'vitest';
import { createActor, type AnyStateMachine } from 'xstate';
import { diskMachine, isDiskEvent } from './disk.ts';
import { poolMachine } from './pool.ts';

/** Given a machine and events, its last state. */
function after(machine: AnyStateMachine, input: object, events: { type: string }[]): unknown {
  const actor = createActor(machine, { input });
  actor.start();
  for (const event of events) actor.send(event);
  const { value } = actor.getSnapshot() as { value: unknown };
  actor.stop();
  return value;
}

describe('a disk', () => {
  it('begins online, a spare available', () => {
    expect(after(diskMachine, { spare: false }, [])).toBe('online');
    expect(after(diskMachine, { spare: true }, [])).toBe('available');
  });

  it('is what its pool calls it', () => {
    const story = ['DEGRADED', 'FAULTED', 'REPLACED', 'ONLINE', 'REMOVED'].map((type) => ({ type }));
    const states = story.map((_, i) => after(diskMachine, { spare: false }, story.slice(0, i + 1)));
    expect(states).toEqual(['degraded', 'faulted', 'replaced', 'online', 'removed']);
    expect(isDiskEvent('FAULTED')).toBe(true);
    expect(isDiskEvent('constructor')).toBe(false);
  });
});

describe('a pool', () => {
  const on = { imported: true };

  it('is exported until it is imported, which takes its time', () => {
    expect(after(poolMachine, { imported: false }, [])).toBe('exported');
    const ask = { type: 'IMPORT', importNs: 1_000_000, afterCrash: false };
    expect(after(poolMachine, { imported: false }, [ask])).toBe('importing');
    expect(after(poolMachine, { imported: false }, [ask, { type: 'POWER_LOST' }])).toBe('exported');
  });

  it('that an import could not find is unavailable until the next, whatever is cleared meanwhile', () => {
    const gone = [{ type: 'UNAVAIL' }];
    const cleared = [...gone, { type: 'ONLINE' }, { type: 'RESUME', degraded: false }];
    expect(after(poolMachine, on, gone)).toBe('unavailable');
    expect(after(poolMachine, on, cleared)).toBe('unavailable');
    expect(after(poolMachine, on, [...gone, { type: 'POWER_LOST' }])).toBe('exported');
  });

  it('moves between online and degraded, and leaves suspended by resuming only', () => {
    expect(after(poolMachine, on, [{ type: 'DEGRADED' }])).toBe('degraded');
    expect(after(poolMachine, on, [{ type: 'DEGRADED' }, { type: 'ONLINE' }])).toBe('online');
    const suspended = [{ type: 'DEGRADED' }, { type: 'SUSPEND' }];
    expect(after(poolMachine, on, [...suspended, { type: 'ONLINE' }])).toBe('suspended');
    const degraded = { type: 'RESUME', degraded: true };
    const whole = { type: 'RESUME', degraded: false };
    expect(after(poolMachine, on, [...suspended, degraded])).toBe('degraded');
    expect(after(poolMachine, on, [...suspended, whole])).toBe('online');
    expect(after(poolMachine, on, [...suspended, { type: 'POWER_LOST' }])).toBe('exported');
  });
});
