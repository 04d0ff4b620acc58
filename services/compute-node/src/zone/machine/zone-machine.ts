/**
 * A zone's life is zoneadm's: configured on disk, installed, ready with its platform up, running, and down again
 * through the loss of its processes; vmadm's `state` is derived from it, not a second life.
 *
 * Why.       What may be asked of a zone depends on its state, and half of the states exist because work is under
 *            way that can fail or be cut off: an install that a power cut interrupts leaves `incomplete`.
 * Intuition. The kernel's order is one-way: a zone that is stopped goes down, and comes up as a new one.
 * Rules.     1. `incomplete` is left by uninstall alone, or by the end of the install that entered it.
 *            2. Nothing runs before `ready` has put up the platform; nothing serves before the boot's work is done.
 *            3. A shutdown runs inside `running`; when its time is over, or a halt is asked, processes are killed.
 *            4. `down` keeps the platform until it is torn down; then the zone is `installed`, or ready anew (reboot).
 *            5. A crash of the node's kernel ends every active state in `installed`, without any of the steps between.
 *            6. A guest is a process: `running` begins with qemu, the guest boots inside it, and `stopping` is an ACPI
 *               power-down that it may ignore.
 * State.     The state alone; timers, tasks and work under way are the actor's.
 * Omits.     `mounted`, attach and detach, and zones that stick in `down` on a busy mount.
 */
import { setup } from 'xstate';

/** States as `zoneadm list` names them. */
export type ZoneadmState =
  'configured' | 'incomplete' | 'installed' | 'ready' | 'running' | 'shutting_down' | 'down';

export type ZoneEventType =
  | 'INSTALL'
  | 'CLONED'
  | 'CONFIGURED'
  | 'FAILED'
  | 'UNINSTALL'
  | 'DESTROYED'
  | 'READY'
  | 'BOOT'
  | 'READIED'
  | 'FIRMWARE_DONE'
  | 'MULTI_USER'
  | 'SHUTDOWN'
  | 'HALT'
  | 'EMPTY'
  | 'TORN_DOWN'
  | 'TORN_DOWN_FOR_REBOOT'
  | 'CRASH';

/** Timers of the states, and the event that each ends in. */
export const stateTimers = {
  configure: 'CONFIGURED',
  ready: 'READIED',
  firmware: 'FIRMWARE_DONE',
  settle: 'MULTI_USER',
  shutdown: 'HALT',
  patience: 'HALT',
  kill: 'EMPTY',
} as const satisfies Record<string, ZoneEventType>;
export type StateTimer = keyof typeof stateTimers | 'teardown';

export type ZoneStart = 'configured' | 'installed' | 'running';

const done = () => undefined;
const become = (state: ZoneadmState) => ({ type: 'became' as const, params: { state } });
const time = (timer: StateTimer) => ({ type: 'startTimer' as const, params: { timer } });
const untime = (timer: StateTimer) => ({ type: 'stopTimer' as const, params: { timer } });

export const zoneMachine = setup({
  types: {} as {
    context: { start: ZoneStart; hvm: boolean };
    events: { type: ZoneEventType };
    input: { start?: ZoneStart; hvm?: boolean };
  },
  actions: {
    /** Reports the new state, to the node and as a fact. */
    became: (_, _params: { state: ZoneadmState }) => undefined,
    startTimer: (_, _params: { timer: StateTimer }) => undefined,
    stopTimer: (_, _params: { timer: StateTimer }) => undefined,
    cloneImage: done,
    destroyDatasets: done,
    /** The platform is up: the os knows the zone. */
    bringUp: done,
    bootWork: done,
    serve: done,
    unserve: done,
    stopping: done,
    /** The platform is gone: the os forgets the zone. */
    bringDown: done,
  },
  guards: {
    startsRunning: ({ context }) => context.start === 'running',
    startsInstalled: ({ context }) => context.start === 'installed',
    isGuest: ({ context }) => context.hvm,
  },
}).createMachine({
  id: 'zone',
  context: ({ input }) => ({ start: input.start ?? 'configured', hvm: input.hvm ?? false }),
  initial: 'placed',
  states: {
    placed: {
      always: [
        { guard: 'startsRunning', target: 'running.multiUser', actions: 'bringUp' },
        { guard: 'startsInstalled', target: 'installed' },
        { target: 'configured' },
      ],
    },
    configured: { entry: become('configured'), on: { INSTALL: 'incomplete' } },
    incomplete: {
      entry: become('incomplete'),
      initial: 'cloning',
      on: { UNINSTALL: '.destroying', CRASH: '.interrupted' },
      states: {
        cloning: { entry: 'cloneImage', on: { CLONED: 'configuring', FAILED: 'interrupted' } },
        configuring: {
          entry: time('configure'),
          exit: untime('configure'),
          on: { CONFIGURED: '#zone.installed' },
        },
        interrupted: {},
        destroying: {
          entry: 'destroyDatasets',
          on: {
            DESTROYED: '#zone.configured',
            FAILED: 'interrupted',
            UNINSTALL: {},
          },
        },
      },
    },
    installed: {
      entry: become('installed'),
      on: { BOOT: 'ready.booting', READY: 'ready.idle', UNINSTALL: 'incomplete.destroying' },
    },
    ready: {
      entry: [become('ready'), 'bringUp'],
      on: { HALT: 'down', CRASH: 'installed', FAILED: 'down' },
      initial: 'idle',
      states: {
        idle: { on: { BOOT: 'booting' } },
        booting: { entry: time('ready'), exit: untime('ready'), on: { READIED: '#zone.running' } },
      },
    },
    running: {
      entry: become('running'),
      on: { SHUTDOWN: '.stopping', HALT: 'shutting_down', FAILED: 'shutting_down', CRASH: 'installed' },
      initial: 'starting',
      states: {
        starting: { always: [{ guard: 'isGuest', target: 'firmware' }, { target: 'booting' }] },
        firmware: {
          entry: time('firmware'),
          exit: untime('firmware'),
          on: { FIRMWARE_DONE: 'booting' },
        },
        booting: { entry: 'bootWork', exit: untime('settle'), on: { MULTI_USER: 'multiUser' } },
        multiUser: { entry: 'serve', exit: 'unserve' },
        stopping: {
          entry: ['stopping', time('shutdown'), time('patience')],
          exit: [untime('shutdown'), untime('patience')],
          on: { SHUTDOWN: {} },
        },
      },
    },
    shutting_down: {
      entry: [become('shutting_down'), time('kill')],
      exit: untime('kill'),
      on: { EMPTY: 'down', CRASH: 'installed' },
    },
    down: {
      entry: [become('down'), 'bringDown', time('teardown')],
      exit: untime('teardown'),
      on: { TORN_DOWN: 'installed', TORN_DOWN_FOR_REBOOT: 'ready.booting', CRASH: 'installed' },
    },
  },
});
