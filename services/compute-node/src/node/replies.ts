/** Answers to the head node: they wait while the admin network is down, and are lost with the kernel. */
import type { Context } from '@orrery/actor';
import type { NodeState, Task, Unsent } from './state.ts';

export function reply(ctx: Context, state: NodeState, answer: Unsent): void {
  if (state.adminUp) send(ctx, answer);
  else state.unsent.push(answer);
}

export function sendUnsent(ctx: Context, state: NodeState): void {
  for (const answer of state.unsent) send(ctx, answer);
  state.unsent = [];
}

function send(ctx: Context, answer: Unsent): void {
  const { to, task, uuid, step, error, state, tookNs } = answer;
  if (step === '') ctx.send(to, 'vmTaskDone', { task, uuid, error, state });
  else ctx.send(to, 'vmTaskStep', { task, uuid, step, tookNs });
}

/** A task is over, in the state that its VM is in now. */
export function finish(ctx: Context, state: NodeState, row: Task, error: string): void {
  const zone = state.zones.find(({ uuid }) => uuid === row.uuid);
  reply(ctx, state, {
    to: row.job,
    task: row.task,
    uuid: row.uuid,
    step: '',
    error,
    state: zone?.state ?? (row.action === 'destroy' && error === '' ? 'destroyed' : ''),
    tookNs: 0,
  });
}
