/**
 * The life of one case: from the first ereport to the moment nothing of it is left to do.
 *
 * Rules.   1. UNSOLVED → SOLVED (a suspect is convicted) → CLOSE_WAIT → CLOSED (the suspect is isolated) → REPAIRED →
 *             RESOLVED, after which the case is discarded. A suspect that still serves stays SOLVED.
 *          2. From `waiting` it solves itself after the remove timeout, unless it hears REMOVED first.
 *          3. STOP (fmd dies with its node) freezes a wait; START begins it anew, in full, as zfs-diagnosis does with
 *             a checkpointed timer.
 *          4. A case closed before it is solved is discarded.
 * Differs. REPAIRED is reached from SOLVED or CLOSED; CLOSE_WAIT holds no time here, as agents act at once.
 */
import { assign, setup } from 'xstate';

export interface CaseContext {
  removeTimeoutNs: number;
  solved: boolean;
}

export type CaseState =
  'UNSOLVED' | 'SOLVED' | 'CLOSE_WAIT' | 'CLOSED' | 'REPAIRED' | 'RESOLVED' | 'DISCARDED';

export type CaseEvent = {
  type: 'WAIT' | 'SOLVE' | 'REMOVED' | 'CLOSE' | 'REPAIR' | 'RESOLVE' | 'STOP' | 'START';
};

export const caseMachine = setup({
  types: {
    context: {} as CaseContext,
    events: {} as CaseEvent,
    input: {} as { removeTimeoutNs: number },
  },
  actions: {
    entered: (_, _params: { state: CaseState }) => undefined,
    markSolved: assign({ solved: true }),
  },
  guards: { isSolved: ({ context }) => context.solved },
  delays: { removeTimeout: ({ context }) => context.removeTimeoutNs },
}).createMachine({
  id: 'case',
  context: ({ input }) => ({ removeTimeoutNs: input.removeTimeoutNs ?? 0, solved: false }),
  initial: 'UNSOLVED',
  states: {
    UNSOLVED: {
      initial: 'collecting',
      on: { SOLVE: 'SOLVED', CLOSE: 'CLOSE_WAIT' },
      states: {
        collecting: { on: { WAIT: 'waiting' } },
        waiting: {
          after: { removeTimeout: '#case.SOLVED' },
          on: { REMOVED: 'collecting', STOP: 'frozen' },
        },
        frozen: { on: { START: 'waiting' } },
      },
    },
    SOLVED: {
      entry: ['markSolved', { type: 'entered', params: { state: 'SOLVED' } }],
      on: { CLOSE: 'CLOSE_WAIT', REPAIR: 'REPAIRED' },
    },
    CLOSE_WAIT: {
      entry: { type: 'entered', params: { state: 'CLOSE_WAIT' } },
      always: [{ guard: 'isSolved', target: 'CLOSED' }, { target: 'DISCARDED' }],
    },
    CLOSED: {
      entry: { type: 'entered', params: { state: 'CLOSED' } },
      on: { REPAIR: 'REPAIRED' },
    },
    REPAIRED: {
      entry: { type: 'entered', params: { state: 'REPAIRED' } },
      on: { RESOLVE: 'RESOLVED' },
    },
    RESOLVED: { type: 'final', entry: { type: 'entered', params: { state: 'RESOLVED' } } },
    DISCARDED: { type: 'final', entry: { type: 'entered', params: { state: 'DISCARDED' } } },
  },
});
