/** The node's agent at work: tasks of the head node become orders to zones, their answers go back step by step. */
import type { Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import type { Vm } from '@orrery/spec';
import { zoneConfig, type ZoneInit } from '../zone/config.ts';
import { ensureImage } from './images.ts';
import { tellZone } from './peers.ts';
import { finish, reply } from './replies.ts';
import type { NodeState, Task } from './state.ts';

const ORDERS: Readonly<Record<string, string>> = {
  start: 'boot',
  stop: 'shutdown',
  reboot: 'reboot',
  destroy: 'uninstall',
};

export function vmTask(ctx: Context, state: NodeState, message: Messages['vmTask']): void {
  if (state.phase !== 'running') return;
  const { task, action, uuid } = message;
  const row: Task = { task, action, uuid, image: '', job: ctx.source };
  const pool = poolOf(state, message);
  if (state.missing.includes(pool)) return finish(ctx, state, row, `cannot open '${pool}': no such pool`);
  if (action === 'ensure_image') {
    row.image = message.vmJson === '' ? uuid : (JSON.parse(message.vmJson) as Vm).imageUuid;
    return ensureImage(ctx, state, row);
  }
  if (action === 'create') return create(ctx, state, row, JSON.parse(message.vmJson) as Vm);
  const order = ORDERS[action];
  if (order === undefined) return finish(ctx, state, row, `unknown action ${action}`);
  if (!state.zones.some((zone) => zone.uuid === uuid))
    return finish(ctx, state, row, `No such zone: ${uuid}`);
  state.tasks.push(row);
  tellZone(ctx, uuid, order, task, `vmadm ${action}`);
}

/** The pool that a task is about; an image alone goes to the node's first. */
function poolOf({ zones, config }: NodeState, { uuid, vmJson }: Messages['vmTask']): string {
  if (vmJson !== '') return (JSON.parse(vmJson) as Vm).pool;
  return zones.find((zone) => zone.uuid === uuid)?.pool ?? config.pools[0] ?? '';
}

function create(ctx: Context, state: NodeState, row: Task, vm: Vm): void {
  if (state.zones.some((zone) => zone.uuid === row.uuid)) {
    return finish(ctx, state, row, `VM ${row.uuid} already exists`);
  }
  state.zones.push({ uuid: row.uuid, pool: vm.pool, state: '', zoneState: '' });
  state.tasks.push(row);
  const init: ZoneInit = { config: zoneConfig(vm), start: 'configured', warm: false };
  ctx.spawn('zone', `zone/${row.uuid}`, init);
  tellZone(ctx, row.uuid, 'install', row.task, 'vmadm create');
}

export function zoneAnswer(ctx: Context, state: NodeState, message: Messages['zoneAnswer']): void {
  const row = state.tasks.find(({ task }) => task === message.task);
  if (row === undefined) return;
  if (message.error === '' && message.step !== '') {
    const { task, uuid, job: to } = row;
    reply(ctx, state, { to, task, uuid, step: message.step, error: '', state: '', tookNs: message.tookNs });
  }
  if (!message.last) return;
  state.tasks.splice(state.tasks.indexOf(row), 1);
  if (row.action === 'destroy' && message.error === '') {
    state.zones = state.zones.filter(({ uuid }) => uuid !== row.uuid);
    state.statusChanged = true;
    ctx.destroy(message.zone);
  }
  finish(ctx, state, row, message.error);
}
