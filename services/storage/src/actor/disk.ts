/**
 * A disk's actor: the part in its bay. It carries the faults that were put into it, and tells its pool what they make of it
 * physically; what the pool calls it in turn is its statechart's state.
 */
import { defineActor, type ActorId, type Context } from '@orrery/actor';
import {
  VdevAction,
  type FactRef,
  type InjectFault,
  type Param,
  type Repair,
  type RevertFault,
} from '@orrery/proto';
import { diskMachine, isDiskEvent } from '../machine/disk.ts';

export interface DiskInit {
  node: string;
  name: string;
  serial: string;
  /** Name of its pool; '' when it is in none. */
  pool: string;
  spare: boolean;
}

interface DiskFault {
  id: string;
  kind: string;
  params: Param[];
  fact: FactRef;
}

interface DiskState {
  node: string;
  name: string;
  serial: string;
  replaced: number;
  spare: boolean;
  pool: ActorId;
  faults: DiskFault[];
}

function init(context: Context, from: DiskInit): DiskState {
  const { node, name, serial, spare } = from;
  const pool = from.pool === '' ? 0 : (context.lookup(`${node}/pool/${from.pool}`) ?? 0);
  return { node, name, serial, replaced: 0, spare, pool, faults: [] };
}

function numberOf(fault: DiskFault, name: string, other: number): number {
  return fault.params.find((param) => param.name === name)?.number ?? other;
}

function textOf(fault: DiskFault, name: string): string {
  return fault.params.find((param) => param.name === name)?.text ?? '';
}

/** What several slow faults together can make of a disk: what one alone may. */
const SLOW_FACTOR_MAX = 100_000;

const severity: Readonly<Record<string, number>> = { ok: 0, errors: 1, hang: 2, pulled: 3 };

/** Tells the pool what all present faults together make of the disk. */
function tellCondition(context: Context, state: DiskState, delayNs: number): void {
  if (state.pool === 0) return;
  let mode = 'ok';
  let slowFactor = 1;
  let latentShare = 0;
  let corruptShare = 0;
  for (const fault of state.faults) {
    if (fault.kind === 'disk.fail') {
      const asked = textOf(fault, 'mode');
      if ((severity[asked] ?? 0) > severity[mode]) mode = asked;
    } else if (fault.kind === 'disk.slow')
      slowFactor = Math.min(SLOW_FACTOR_MAX, slowFactor * numberOf(fault, 'factor', 1));
    else if (fault.kind === 'disk.latent-errors')
      latentShare = Math.max(latentShare, numberOf(fault, 'share', 0));
    else if (fault.kind === 'disk.corrupt')
      corruptShare = Math.max(corruptShare, numberOf(fault, 'share', 0));
  }
  const mediaKey = state.serial;
  const { name: disk } = state;
  context.send(state.pool, 'diskCondition', {
    disk,
    mode,
    slowFactor,
    latentShare,
    corruptShare,
    delayNs,
    mediaKey,
  });
}

function injected(context: Context, state: DiskState, message: InjectFault): void {
  const { faultId, kind, params, askedBy } = message;
  const fact = context.emit('faultInjected', { faultId, kind, target: context.address, params, askedBy });
  const fault: DiskFault = { id: faultId, kind, params, fact };
  if (kind === 'disk.delay') return tellCondition(context, state, Math.round(numberOf(fault, 'delay', 1)));
  state.faults.push(fault);
  tellCondition(context, state, 0);
}

function reverted(context: Context, state: DiskState, message: RevertFault): void {
  const { faultId, kind, askedBy } = message;
  context.emit('faultReverted', { faultId, kind, target: context.address, askedBy });
  const before = state.faults.length;
  state.faults = state.faults.filter((fault) => fault.id !== faultId);
  if (state.faults.length < before) tellCondition(context, state, 0);
}

function repaired(context: Context, state: DiskState, message: Repair): void {
  const { kind, askedBy } = message;
  const target = context.address;
  context.emit('partRepaired', { kind, target, askedBy });
  if (kind === 'disk.replace') replace(context, state);
  else if (kind === 'zpool.clear') {
    const order = { action: VdevAction.VDEV_CLEAR, disk: state.name, spare: false, caseUuid: '' };
    if (state.pool !== 0) context.send(state.pool, 'retireVdev', order);
  } else throw new RangeError(`a disk knows no repair ${kind}`);
}

/** A new disk has none of the old one's faults. */
function replace(context: Context, state: DiskState): void {
  state.faults = [];
  state.replaced++;
  const base = state.serial.split('-R')[0];
  state.serial = `${base}-R${state.replaced}`;
  context.emit('diskReplaced', { disk: state.name, serial: state.serial });
  context.dispatch({ type: 'REPLACED' });
  tellCondition(context, state, 0);
  if (state.pool !== 0) context.send(state.pool, 'diskInserted', { disk: state.name, serial: state.serial });
}

export const diskKind = defineActor<DiskState, DiskInit>({
  name: 'disk',
  service: 'storage',
  init,
  on: {
    injectFault: injected,
    revertFault: reverted,
    repair: repaired,
    leafStated: (context, _state, message) => {
      if (isDiskEvent(message.state)) context.dispatch({ type: message.state });
    },
    diskActivity: (context, _state, message) => {
      if (message.served !== undefined) context.emit('diskServed', message.served);
    },
  },
  machine: diskMachine,
  machineInput: (state) => ({ spare: state.spare }),
});
