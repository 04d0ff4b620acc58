/** Orders of the node, and how a task goes on from state to state until it is answered. */
import type { Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import type { ZoneEventType } from './machine/zone-machine.ts';
import { isHvm } from './model/vm-state.ts';
import { provisionPatience } from './model/zone-timing.ts';
import { announce, watchProvision } from './life.ts';
import { tellNode } from './peers.ts';
import type { TaskAction, ZoneState } from './state.ts';

/** Every timer a zone may have. */
const TIMERS = [
  'configure',
  'ready',
  'firmware',
  'settle',
  'shutdown',
  'patience',
  'kill',
  'teardown',
  'provision',
];

export function zoneOrder(ctx: Context, zone: ZoneState, message: Messages['zoneOrder']): void {
  const { order, task, reason } = message;
  if (order === 'crash') return crash(ctx, zone, reason);
  if (zone.frozen) return;
  switch (order) {
    case 'freeze':
      zone.frozen = true;
      for (const timer of TIMERS) ctx.cancel(timer);
      return;
    case 'autoboot':
      zone.reason = reason;
      if (zone.autoboot && zone.zoneState === 'installed' && !zone.failed) step(ctx, zone, 'BOOT');
      return;
    case 'halt':
      zone.reason = reason;
      return step(ctx, zone, 'HALT');
    default:
      return takeTask(ctx, zone, order as TaskAction, task, reason);
  }
}

/** The kernel is gone, and with it all that was active; what is on disk stays. */
function crash(ctx: Context, zone: ZoneState, reason: string): void {
  for (const timer of TIMERS) ctx.cancel(timer);
  zone.frozen = false;
  zone.up = false;
  zone.again = false;
  zone.stopping = false;
  zone.work = 0;
  zone.asks = [];
  zone.task = 0;
  zone.action = '';
  zone.reason = reason;
  if (zone.provisioning) zone.failed = true;
  zone.provisioning = false;
  ctx.dispatch({ type: 'CRASH' });
  announce(ctx, zone);
}

/** Why vmadm refuses; '' when it does not. */
function refusal(zone: ZoneState, action: TaskAction): string {
  const { zoneState, state } = zone;
  if (action === 'uninstall') return zone.action === 'uninstall' ? 'EBUSY: delete is under way' : '';
  if (zone.action !== '') return `EBUSY: ${zone.action} is under way`;
  if (action === 'boot' && zoneState === 'running') return 'EALREADYRUNNING';
  if (action === 'boot' && state !== 'stopped') return `VM must be stopped to be started, it is ${state}`;
  if ((action === 'shutdown' || action === 'reboot') && (zoneState !== 'running' || zone.stopping)) {
    return 'ENOTRUNNING';
  }
  return '';
}

function takeTask(ctx: Context, zone: ZoneState, action: TaskAction, task: number, reason: string): void {
  const error = refusal(zone, action);
  if (error !== '') {
    const tookNs = 0;
    return tellNode(ctx, 'zoneAnswer', { zone: ctx.self, task, step: '', error, tookNs, last: true });
  }
  if (action === 'uninstall') {
    if (zone.action !== '') finish(ctx, zone, '', 'ECANCELED: the VM is deleted');
    ctx.cancel('provision');
    zone.again = false;
  }
  zone.action = action;
  zone.task = task;
  zone.stepAt = ctx.now;
  zone.reason = reason;
  switch (action) {
    case 'install':
      return step(ctx, zone, 'INSTALL');
    case 'boot':
      zone.autoboot = true;
      return step(ctx, zone, 'BOOT');
    case 'shutdown':
      zone.autoboot = false;
      return step(ctx, zone, 'SHUTDOWN');
    case 'reboot':
      zone.again = true;
      return step(ctx, zone, 'SHUTDOWN');
    case 'uninstall':
      if (zone.zoneState === 'incomplete') return step(ctx, zone, 'UNINSTALL');
      return step(ctx, zone, 'HALT');
  }
}

/** One event of the statechart, and what the task under way makes of the state that follows. */
export function step(ctx: Context, zone: ZoneState, type: ZoneEventType): void {
  ctx.dispatch({ type });
  const { action, zoneState } = zone;
  if (type === 'MULTI_USER' || (type === 'FIRMWARE_DONE' && isHvm(zone.config.brand))) provisioned(ctx, zone);
  if (action === '') return;
  if (zoneState === 'running' && type === 'READIED' && (action === 'boot' || action === 'reboot')) {
    finish(ctx, zone, 'boot', '');
  } else if (zoneState === 'installed') {
    if (action === 'shutdown') finish(ctx, zone, 'halt', '');
    else if (action === 'boot' || action === 'reboot') finish(ctx, zone, '', zone.reason);
    else if (action === 'uninstall') step(ctx, zone, 'UNINSTALL');
    else if (type === 'CONFIGURED') installed(ctx, zone);
  } else if (zoneState === 'configured' && action === 'uninstall') finish(ctx, zone, 'destroy', '');
}

function installed(ctx: Context, zone: ZoneState): void {
  if (!zone.autoboot) return finish(ctx, zone, 'configure', '');
  answer(ctx, zone, 'configure', '', false);
  watchProvision(ctx, zone);
  step(ctx, zone, 'BOOT');
}

/** The first boot got as far as vmadm waits for: a zone's multi-user, a guest's `hwsetup`. */
function provisioned(ctx: Context, zone: ZoneState): void {
  if (!zone.provisioning) return;
  ctx.cancel('provision');
  zone.provisioning = false;
  announce(ctx, zone);
  if (zone.action === 'install') finish(ctx, zone, 'boot', '');
}

/** A provision that failed stays failed until it is deleted. */
export function failProvision(ctx: Context, zone: ZoneState, error: string): void {
  ctx.cancel('provision');
  zone.failed = true;
  zone.provisioning = false;
  zone.reason = error;
  announce(ctx, zone);
  if (zone.action === 'install') finish(ctx, zone, '', error);
}

export function provisionTimedOut(ctx: Context, zone: ZoneState): void {
  const seconds = provisionPatience(zone.config) / 1_000_000_000;
  if (zone.provisioning) failProvision(ctx, zone, `timed out waiting for provisioning after ${seconds} s`);
}

export function answer(ctx: Context, zone: ZoneState, name: string, error: string, last: boolean): void {
  if (zone.task === 0) return;
  tellNode(ctx, 'zoneAnswer', {
    zone: ctx.self,
    task: zone.task,
    step: name,
    error,
    tookNs: ctx.now - zone.stepAt,
    last,
  });
  zone.stepAt = ctx.now;
}

export function finish(ctx: Context, zone: ZoneState, name: string, error: string): void {
  answer(ctx, zone, name, error, true);
  zone.action = '';
  zone.task = 0;
}
