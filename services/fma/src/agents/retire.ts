/**
 * The agents that act on a solved case: zfs-retire orders a pool, cpumem-retire orders the node. They act on the fault
 * list alone, and a case whose suspect is thereby out of service is closed.
 */
import type { Context } from '@orrery/actor';
import { VdevAction, type ResourceEvent } from '@orrery/proto';
import { order } from '../cases.ts';
import type { CaseRecord, FmdState } from '../state.ts';

/** Carries out what follows from a fault. `again` after a boot: CPUs and pages come back with every boot. */
export function retire(context: Context, state: FmdState, record: CaseRecord, again: boolean): void {
  if (record.agent === 'zfs' && !again) retireVdev(context, state, record);
  if (record.agent === 'cpu' || record.agent === 'page') retireInNode(context, state, record, again);
}

interface VdevOrder {
  readonly action: VdevAction;
  readonly word: string;
}

const FAULT: VdevOrder = { action: VdevAction.VDEV_FAULT, word: 'fault' };

function vdevOrder(fault: string): VdevOrder | undefined {
  if (fault === 'fault.fs.zfs.vdev.io' || fault.startsWith('fault.io.')) return FAULT;
  if (fault === 'fault.fs.zfs.vdev.checksum') return { action: VdevAction.VDEV_DEGRADE, word: 'degrade' };
  if (fault === 'fault.fs.zfs.device') return { action: VdevAction.VDEV_SPARE, word: 'spare' };
  return undefined;
}

function retireVdev(context: Context, state: FmdState, record: CaseRecord): void {
  const what = vdevOrder(record.fault);
  const pool = context.lookup(`${state.node}/pool/${record.pool}`);
  if (what === undefined || pool === undefined || record.vdev === '') return;
  context.emit('resourceRetired', { caseUuid: record.uuid, resource: record.resource, action: what.word });
  context.send(pool, 'retireVdev', {
    action: what.action,
    disk: record.vdev,
    spare: true,
    caseUuid: record.uuid,
  });
}

function retireInNode(context: Context, state: FmdState, record: CaseRecord, again: boolean): void {
  const node = context.lookup(state.node);
  if (node === undefined) return;
  const action = record.agent === 'cpu' ? 'offline' : 'retire';
  if (!again) context.emit('resourceRetired', { caseUuid: record.uuid, resource: record.resource, action });
  if (record.agent === 'cpu') {
    const cpu = Number(record.resource.slice(record.resource.lastIndexOf('/') + 1));
    context.send(node, 'retireCpu', { cpu, caseUuid: record.uuid });
  } else {
    context.send(node, 'retirePage', { dimm: record.resource, page: record.page, caseUuid: record.uuid });
  }
  if (!again) order(context, record, 'CLOSE');
}

/** After `list.repaired`: zfs-retire clears the vdev, or for a pool's case the pool; then the case is resolved. */
export function unretire(context: Context, state: FmdState, record: CaseRecord): void {
  const pool = context.lookup(`${state.node}/pool/${record.pool}`);
  if (record.agent === 'zfs' && pool !== undefined) {
    context.send(pool, 'retireVdev', {
      action: VdevAction.VDEV_CLEAR,
      disk: record.vdev,
      spare: false,
      caseUuid: record.uuid,
    });
  }
  order(context, record, 'RESOLVE');
}

/** zfs-retire's part of a resource event: a spare for a removed disk, a repair for a healthy one. */
export function actOnZfsResource(
  context: Context,
  state: FmdState,
  event: ResourceEvent,
  records: readonly CaseRecord[],
): void {
  const pool = context.lookup(`${state.node}/pool/${event.pool}`);
  if (event.class === 'resource.fs.zfs.removed' && pool !== undefined) {
    const action = VdevAction.VDEV_SPARE;
    context.send(pool, 'retireVdev', { action, disk: event.vdev, spare: true, caseUuid: '' });
  }
  if (event.class !== 'resource.fs.zfs.statechange') return;
  for (const record of records) {
    if (event.state === 'ONLINE' || event.state === 'HEALTHY') repairCase(context, record);
    if (event.state === 'FAULTED' && record.state === 'SOLVED') order(context, record, 'CLOSE');
  }
}

/** Marks a case's suspects repaired; one that is not solved has nothing to repair. */
export function repairCase(context: Context, record: CaseRecord): void {
  if (record.state === 'SOLVED' || record.state === 'CLOSED') order(context, record, 'REPAIR');
}
