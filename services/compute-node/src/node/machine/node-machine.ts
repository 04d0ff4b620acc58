/**
 * The node's life is a statechart from power to multi-user and, when its kernel dies, through the dump back to POST;
 * it does not decide how long a phase takes, nor what hardware does.
 *
 * Why.       What a node answers depends on its phase: a node in POST is silent, a hung one holds its memory and
 *            moves nothing, one that dumps must not be told to boot.
 * Intuition. Power is the outer fact, the kernel the inner one. `off`, `post` and `netboot` have no kernel in memory;
 *            `booting`, `running` and `hung` have one; `panicked` and `dumping` have one that only saves itself.
 * Rules.     1. Loss of power ends any phase, at once, in `off`.
 *            2. A reset ends any powered phase in `post`; what was not yet dumped is lost.
 *            3. Only a kernel can panic or hang. A hung node leaves `hung` by NMI (it panics), reset or power alone.
 *            4. A panic is followed by its dump, the dump by a reset.
 *            5. In `netboot` a node asks until it is answered, for ever.
 * State.     The phase alone; what belongs to it (timers, pools still to import, the saved dump) is the actor's.
 * Omits.     Loader menus, and boots from a local disk: SmartOS nodes of a datacenter have none.
 */
import { setup } from 'xstate';

/** Phases as `NodeStateChanged` names them. */
export type NodePhase = 'off' | 'post' | 'netboot' | 'booting' | 'running' | 'hung' | 'panicked' | 'dumping';

export type NodeEventType =
  | 'POWER_ON'
  | 'POWER_LOST'
  | 'RESET'
  | 'NMI'
  | 'PANIC'
  | 'HANG'
  | 'POST_DONE'
  | 'PLATFORM_FOUND'
  | 'PLATFORM_LOADED'
  | 'POOLS_IMPORTED'
  | 'MULTI_USER'
  | 'QUIESCED'
  | 'DUMPED';

/** The timers of the phases, and the event that each ends in. */
export const phaseTimers = {
  post: 'POST_DONE',
  platform: 'PLATFORM_LOADED',
  imported: 'POOLS_IMPORTED',
  boot: 'MULTI_USER',
  quiesce: 'QUIESCED',
  dump: 'DUMPED',
} as const satisfies Record<string, NodeEventType>;
export type PhaseTimer = keyof typeof phaseTimers;

const done = () => undefined;
const become = (phase: NodePhase) => ({ type: 'became' as const, params: { phase } });
const time = (timer: PhaseTimer) => ({ type: 'startTimer' as const, params: { timer } });
const untime = (timer: string) => ({ type: 'stopTimer' as const, params: { timer } });

export const nodeMachine = setup({
  types: {} as {
    context: { running: boolean };
    events: { type: NodeEventType };
    input: { running?: boolean };
  },
  actions: {
    /** Reports the new phase as a fact. */
    became: (_, _params: { phase: NodePhase }) => undefined,
    startTimer: (_, _params: { timer: PhaseTimer }) => undefined,
    stopTimer: (_, _params: { timer: string }) => undefined,
    /** The kernel is gone without warning: everyone who relied on it is told. */
    loseKernel: done,
    /** What is still in memory, the dump included, is lost. */
    loseDump: done,
    askPlatform: done,
    startKernel: done,
    importPools: done,
    startServices: done,
    freeze: done,
    reportPanic: done,
    keepDump: done,
  },
  guards: { startsRunning: ({ context }) => context.running },
}).createMachine({
  id: 'node',
  context: ({ input }) => ({ running: input.running ?? false }),
  initial: 'placed',
  on: { POWER_LOST: '.off', RESET: '.post' },
  states: {
    placed: { always: [{ guard: 'startsRunning', target: 'running' }, { target: 'off' }] },
    off: {
      entry: [become('off'), 'loseKernel', 'loseDump'],
      on: { POWER_ON: 'post', POWER_LOST: {}, RESET: {} },
    },
    post: {
      entry: [become('post'), 'loseKernel', 'loseDump', time('post')],
      exit: untime('post'),
      on: { POST_DONE: 'netboot' },
    },
    netboot: {
      entry: become('netboot'),
      initial: 'asking',
      states: {
        asking: { entry: 'askPlatform', exit: untime('netboot'), on: { PLATFORM_FOUND: 'loading' } },
        loading: {
          entry: time('platform'),
          exit: untime('platform'),
          on: { PLATFORM_LOADED: '#node.booting' },
        },
      },
    },
    booting: {
      entry: [become('booting'), 'startKernel'],
      initial: 'importing',
      on: { PANIC: 'panicked', NMI: 'panicked', HANG: 'hung' },
      states: {
        importing: {
          entry: 'importPools',
          exit: untime('imported'),
          on: { POOLS_IMPORTED: 'starting' },
        },
        starting: { entry: time('boot'), exit: untime('boot'), on: { MULTI_USER: '#node.running' } },
      },
    },
    running: {
      entry: [become('running'), 'startServices'],
      on: { PANIC: 'panicked', NMI: 'panicked', HANG: 'hung' },
    },
    hung: {
      entry: [become('hung'), 'freeze'],
      on: { NMI: 'panicked' },
    },
    panicked: {
      entry: ['reportPanic', become('panicked'), 'loseKernel', time('quiesce')],
      exit: untime('quiesce'),
      on: { QUIESCED: 'dumping' },
    },
    dumping: {
      entry: [become('dumping'), time('dump')],
      exit: untime('dump'),
      on: { DUMPED: { target: 'post', actions: 'keepDump' } },
    },
  },
});
