/** One switch: when it fails, every cable in it goes down at both ends. */
import { defineActor, type Context } from '@orrery/actor';
import type { InjectFault, Repair, RevertFault } from '@orrery/proto';

export interface SwitchInit {
  /** Addresses of the links that end in it, sorted. */
  links: string[];
}

interface SwitchState extends SwitchInit {
  /** Ids of the faults that keep it down. */
  faults: string[];
  up: boolean;
}

function settle(context: Context, state: SwitchState): void {
  const up = state.faults.length === 0;
  if (up === state.up) return;
  state.up = up;
  context.emit('switchStateChanged', { switch: context.address, up });
  for (const address of state.links) {
    const link = context.lookup(address);
    if (link !== undefined) context.send(link, 'linkEnd', { end: context.address, up });
  }
}

function injectFault(context: Context, state: SwitchState, message: InjectFault): void {
  const { faultId, kind, params, askedBy } = message;
  context.emit('faultInjected', { faultId, kind, target: context.address, params, askedBy });
  if (!state.faults.includes(faultId)) state.faults.push(faultId);
  settle(context, state);
}

function revertFault(context: Context, state: SwitchState, message: RevertFault): void {
  const { faultId, kind, askedBy } = message;
  context.emit('faultReverted', { faultId, kind, target: context.address, askedBy });
  state.faults = state.faults.filter((id) => id !== faultId);
  settle(context, state);
}

/** Another switch, with the same configuration. */
function repair(context: Context, state: SwitchState, message: Repair): void {
  context.emit('partRepaired', { kind: message.kind, target: context.address, askedBy: message.askedBy });
  state.faults = [];
  settle(context, state);
}

export const switchKind = defineActor<SwitchState, SwitchInit>({
  name: 'switch',
  service: 'net',
  init: (_, init) => ({ ...init, faults: [], up: true }),
  on: { injectFault, revertFault, repair },
});
