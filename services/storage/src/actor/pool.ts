/** A pool's actor: which message goes to which model, and to its statechart. */
import { defineActor, type Context } from '@orrery/actor';
import { VdevAction, type Repair } from '@orrery/proto';
import { poolMachine, type PoolMachineContext } from '../machine/pool.ts';
import { drain, leafDone } from './drain.ts';
import { makePool } from './make-pool.ts';
import { importAsked, importEnded, powerLost } from './power.ts';
import { report } from './report.ts';
import { conditionChanged, diskInserted, vdevRetired } from './retire.ts';
import type { PoolInit, PoolState } from './state.ts';
import { txgQuiesced } from './sync.ts';
import { zioRequested } from './zio.ts';

function init(context: Context, from: PoolInit): PoolState {
  const state = makePool(from);
  state.fm = context.lookup(`fm/${from.node}`) ?? 0;
  state.os = context.lookup(`${from.node}/os`) ?? 0;
  for (const leaf of state.leaves) leaf.actor = context.lookup(`${from.node}/disk/${leaf.name}`) ?? 0;
  return state;
}

function repaired(context: Context, state: PoolState, repair: Repair): void {
  const { kind, askedBy } = repair;
  if (kind !== 'zpool.clear') throw new RangeError(`a pool knows no repair ${kind}`);
  context.emit('partRepaired', { kind, target: context.address, askedBy });
  vdevRetired(context, state, {
    action: VdevAction.VDEV_CLEAR,
    disk: repair.part,
    spare: false,
    caseUuid: '',
  });
}

/** A state is told once: what a pool was before its node went down may be what it is after the import. */
function tellState(context: Context, state: PoolState, next: string): void {
  const stateBefore = state.told;
  if (next === stateBefore) return;
  state.told = next;
  context.emit('poolStateChanged', { pool: state.name, stateBefore, state: next });
}

export const poolKind = defineActor<PoolState, PoolInit>({
  name: 'pool',
  service: 'storage',
  init,
  on: {
    zioRequest: (context, state, message) => {
      zioRequested(context, state, message);
      drain(context, state);
    },
    leafDone,
    txgSync: (context, state, message) => {
      txgQuiesced(context, state, message);
      drain(context, state);
    },
    poolImport: (context, state, message) => importAsked(context, state, message.afterCrash),
    nodePower: (context, state, message) => {
      if (!message.on) powerLost(context, state);
    },
    retireVdev: (context, state, message) => {
      vdevRetired(context, state, message);
      drain(context, state);
    },
    repair: (context, state, message) => {
      repaired(context, state, message);
      drain(context, state);
    },
    diskCondition: (context, state, message) => {
      conditionChanged(context, state, message);
      drain(context, state);
    },
    diskInserted: (context, state, message) => {
      diskInserted(context, state, message.disk);
      drain(context, state);
    },
    zoneScheduling: (_context, state, { enabled }) => {
      state.zoneScheduling = enabled;
    },
    tick: (context, state) => report(context, state),
    machineTimer: (context, _state, message) =>
      context.dispatch(JSON.parse(message.eventJson) as { type: string }),
  },
  machine: poolMachine,
  machineInput: (state) => ({ imported: state.imported }),
  effects: {
    entered: (context, state, params: { to: string }) => {
      tellState(context, state, params.to);
    },
    imported: (context, state) => {
      importEnded(context, state, (context.machineContext() as PoolMachineContext).afterCrash);
      if (context.machineState() === 'online') tellState(context, state, 'ONLINE');
      drain(context, state);
    },
  },
});
