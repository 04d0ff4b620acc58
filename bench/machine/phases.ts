/**
 * A life of a few phases, as a node or a disk has one, for measuring transitions; it models nothing.
 *
 * Rules. 1. `go` leads round four states, two of them nested, and back.
 *        2. Each entry assigns a count and names an action.
 */
import { assign, setup } from 'xstate';

export const phasesMachine = setup({
  types: {} as { context: { turns: number }; events: { type: 'go' } },
  actions: { entered: () => undefined },
}).createMachine({
  context: { turns: 0 },
  initial: 'off',
  states: {
    off: { on: { go: 'starting' } },
    starting: {
      entry: [assign({ turns: ({ context }) => context.turns + 1 }), 'entered'],
      on: { go: 'running' },
    },
    running: {
      initial: 'single',
      states: {
        single: { on: { go: 'multi' } },
        multi: { entry: 'entered', on: { go: '#failed' } },
      },
    },
    failed: { id: 'failed', entry: 'entered', on: { go: 'off' } },
  },
});
