/**
 * A pool's life: exported while its node is down, importing, then serving in one of its healths, suspended, or not there:
 * an import that misses a top-level vdev leaves it unavailable until the next.
 *
 * Why.    Only an imported pool serves; a pool that lost its replicas blocks all I/O (failmode=wait) and does not fail it.
 * Rules.  1. Import takes `importNs`; a power cut ends it, as it ends everything.
 *         2. Health moves between online and degraded as its vdevs do; suspended ends by `RESUME` only.
 *         3. An import that fails is tried again by the next boot only.
 *         4. Each change of state but `exported` and `importing` is a fact; the actions `entered` and `imported` write it.
 */
import { assign, setup } from 'xstate';

export type PoolEvent =
  | { type: 'IMPORT'; importNs: number; afterCrash: boolean }
  | { type: 'ONLINE' }
  | { type: 'UNAVAIL' }
  | { type: 'DEGRADED' }
  | { type: 'SUSPEND' }
  | { type: 'RESUME'; degraded: boolean }
  | { type: 'POWER_LOST' };

export interface PoolMachineContext {
  imported: boolean;
  importNs: number;
  afterCrash: boolean;
}

export const poolMachine = setup({
  types: {
    input: {} as { imported: boolean },
    context: {} as PoolMachineContext,
    events: {} as PoolEvent,
  },
  delays: { import: ({ context }) => context.importNs },
  guards: {
    imported: ({ context }) => context.imported,
    resumesDegraded: ({ event }) => event.type === 'RESUME' && event.degraded,
  },
  actions: {
    noteImport: assign(({ event, context }) =>
      event.type === 'IMPORT'
        ? { ...context, importNs: event.importNs, afterCrash: event.afterCrash }
        : context,
    ),
    imported: () => undefined,
    entered: () => undefined,
  },
}).createMachine({
  id: 'pool',
  context: ({ input }) => ({ imported: input.imported === true, importNs: 0, afterCrash: false }),
  initial: 'fresh',
  on: { POWER_LOST: '.exported' },
  states: {
    fresh: { always: [{ guard: 'imported', target: 'online' }, { target: 'exported' }] },
    exported: { on: { IMPORT: { target: 'importing', actions: 'noteImport' } } },
    importing: { after: { import: { target: 'online', actions: 'imported' } } },
    online: {
      on: {
        DEGRADED: {
          target: 'degraded',
          actions: { type: 'entered', params: { to: 'DEGRADED' } },
        },
        SUSPEND: {
          target: 'suspended',
          actions: { type: 'entered', params: { to: 'SUSPENDED' } },
        },
        UNAVAIL: {
          target: 'unavailable',
          actions: { type: 'entered', params: { to: 'UNAVAIL' } },
        },
      },
    },
    unavailable: {},
    degraded: {
      on: {
        ONLINE: {
          target: 'online',
          actions: { type: 'entered', params: { to: 'ONLINE' } },
        },
        SUSPEND: {
          target: 'suspended',
          actions: { type: 'entered', params: { to: 'SUSPENDED' } },
        },
      },
    },
    suspended: {
      on: {
        RESUME: [
          {
            guard: 'resumesDegraded',
            target: 'degraded',
            actions: { type: 'entered', params: { to: 'DEGRADED' } },
          },
          { target: 'online', actions: { type: 'entered', params: { to: 'ONLINE' } } },
        ],
      },
    },
  },
});
