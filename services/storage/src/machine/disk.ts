/**
 * A disk's life as its pool sees it; it does not know how the disk is, only what the pool holds of it.
 *
 * Rules.  1. States are zpool's words; the pool tells each change.
 *         2. Another disk in the bay starts anew as `replaced`, until the pool has taken it in.
 */
import { setup } from 'xstate';

const to = {
  ONLINE: 'online',
  DEGRADED: 'degraded',
  FAULTED: 'faulted',
  OFFLINE: 'offline',
  REMOVED: 'removed',
  UNAVAIL: 'unavail',
  AVAIL: 'available',
  INUSE: 'online',
  REPLACED: 'replaced',
} as const;

export type DiskEvent = { type: keyof typeof to };

export const diskMachine = setup({
  types: { input: {} as { spare: boolean }, context: {} as { spare: boolean }, events: {} as DiskEvent },
  guards: { spare: ({ context }) => context.spare },
}).createMachine({
  id: 'disk',
  context: ({ input }) => ({ spare: input.spare === true }),
  initial: 'fresh',
  on: {
    ONLINE: '.online',
    DEGRADED: '.degraded',
    FAULTED: '.faulted',
    OFFLINE: '.offline',
    REMOVED: '.removed',
    UNAVAIL: '.unavail',
    AVAIL: '.available',
    INUSE: '.online',
    REPLACED: '.replaced',
  },
  states: {
    fresh: { always: [{ guard: 'spare', target: 'available' }, { target: 'online' }] },
    online: {},
    degraded: {},
    faulted: {},
    offline: {},
    removed: {},
    unavail: {},
    available: {},
    replaced: {},
  },
});

/** Whether a word of the pool is an event of the machine. */
export function isDiskEvent(state: string): state is keyof typeof to {
  return Object.hasOwn(to, state);
}
