/** The kind `node`: `cn-0001`, its power, kernel, hardware and agent. */
import { defineActor, type Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import { strike } from './faults.ts';
import { injectFault, nicState, repair, retireCpu, retirePageOrder, revertFault } from './hardware.ts';
import { beat, pathsAnnounced, zoneState } from './heart.ts';
import { imageFetched, zfsAnswer } from './images.ts';
import * as life from './life.ts';
import { nodeMachine, phaseTimers, type PhaseTimer } from './machine/node-machine.ts';
import { sensorsRead } from './power.ts';
import { firstState, type NodeInit, type NodeState } from './state.ts';
import { vmTask, zoneAnswer } from './tasks.ts';

function tick(ctx: Context, state: NodeState, { name }: Messages['tick']): void {
  if (name === 'beat') beat(ctx, state);
  else if (name in phaseTimers) {
    if (name === 'dump') state.reason = 'reset after the dump';
    ctx.dispatch({ type: phaseTimers[name as PhaseTimer] });
  } else if (name === 'netboot') life.askPlatform(ctx, state);
  else if (name === 'sensors') sensorsRead(ctx, state);
  else if (name === 'check') ctx.dispatch({ type: 'PANIC' });
  else if (name.startsWith('fault:')) strike(ctx, state, name.slice('fault:'.length));
  else if (name.startsWith('fetch:')) imageFetched(ctx, state, name.slice('fetch:'.length));
}

export const nodeKind = defineActor<NodeState, NodeInit>({
  name: 'node',
  service: 'compute-node',
  machine: nodeMachine,
  machineInput: (state) => ({ running: state.startedRunning }),
  init: (_, init) => firstState(init),
  effects: {
    became: life.became,
    startTimer: life.startTimer,
    stopTimer: life.stopTimer,
    loseKernel: life.loseKernel,
    loseDump: life.loseDump,
    askPlatform: life.askPlatform,
    startKernel: life.startKernel,
    importPools: life.importPools,
    startServices: life.startServices,
    freeze: life.freeze,
    reportPanic: life.reportPanic,
    keepDump: life.keepDump,
  },
  on: {
    tick,
    injectFault,
    revertFault,
    repair,
    netBootReply: (ctx) => ctx.dispatch({ type: 'PLATFORM_FOUND' }),
    poolImported: life.poolImported,
    pathsAnnounced,
    nicState,
    retireCpu,
    retirePage: retirePageOrder,
    vmTask,
    zoneAnswer,
    zoneState,
    zfsAnswer,
  },
});
