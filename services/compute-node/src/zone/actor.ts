/** The kind `zone`: `cn-0001/zone/<uuid>`, a zone or a guest in one, from configured to gone. */
import { defineActor, type Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import type { ZoneInit } from './config.ts';
import * as life from './life.ts';
import { stateTimers, zoneMachine } from './machine/zone-machine.ts';
import { STOP_PATIENCE_HVM_NS, STOP_PATIENCE_NS } from './model/zone-timing.ts';
import { isHvm } from './model/vm-state.ts';
import { answer, failProvision, finish, provisionTimedOut, step, zoneOrder } from './orders.ts';
import { firstZoneState, type ZoneState } from './state.ts';

function tick(ctx: Context, zone: ZoneState, { name }: Messages['tick']): void {
  if (zone.frozen) return;
  if (name === 'teardown') return step(ctx, zone, zone.again ? 'TORN_DOWN_FOR_REBOOT' : 'TORN_DOWN');
  if (name === 'provision') return provisionTimedOut(ctx, zone);
  if (name === 'patience') {
    const limit = isHvm(zone.config.brand) ? STOP_PATIENCE_HVM_NS : STOP_PATIENCE_NS;
    zone.reason = `halted: not down after ${limit / 1_000_000_000} s`;
  }
  if (name in stateTimers) step(ctx, zone, stateTimers[name as keyof typeof stateTimers]);
}

function workDone(ctx: Context, zone: ZoneState, message: Messages['workDone']): void {
  if (zone.frozen || zone.work === 0 || message.id !== zone.work) return;
  if (message.error === '') return life.settle(ctx, zone);
  zone.work = 0;
  zone.reason = `bootfailed: ${message.error}`;
  if (zone.provisioning) failProvision(ctx, zone, zone.reason);
  step(ctx, zone, 'FAILED');
}

/** ZFS answers each command when its txg is on disk; the last answer moves the zone on. */
function zfsAnswer(ctx: Context, zone: ZoneState, message: Messages['zfsAnswer']): void {
  const at = zone.asks.indexOf(message.id);
  if (zone.frozen || at < 0) return;
  zone.asks.splice(at, 1);
  const installing = zone.action !== 'uninstall';
  if (message.error !== '' && (installing || message.error !== 'ENOENT')) zone.askError ||= message.error;
  if (zone.asks.length > 0) return;
  const error = zone.askError;
  if (installing) {
    if (error === '') answer(ctx, zone, 'clone', '', false);
    else failProvision(ctx, zone, `clone failed: ${error}`);
    step(ctx, zone, error === '' ? 'CLONED' : 'FAILED');
    return;
  }
  if (error !== '') finish(ctx, zone, '', `destroy failed: ${error}`);
  step(ctx, zone, error === '' ? 'DESTROYED' : 'FAILED');
}

export const zoneKind = defineActor<ZoneState, ZoneInit>({
  name: 'zone',
  service: 'compute-node',
  machine: zoneMachine,
  machineInput: ({ start, config }) => ({ start, hvm: isHvm(config.brand) }),
  init: (_, init) => firstZoneState(init),
  effects: {
    became: life.became,
    startTimer: life.startTimer,
    stopTimer: life.stopTimer,
    cloneImage: life.cloneImage,
    destroyDatasets: life.destroyDatasets,
    bringUp: life.bringUp,
    bootWork: life.bootWork,
    serve: life.serve,
    unserve: life.unserve,
    stopping: life.stopping,
    bringDown: life.bringDown,
  },
  on: {
    tick,
    zoneOrder,
    workDone,
    zfsAnswer,
    // What the os counted for this zone in a second is the zone's own fact.
    zoneReport: (ctx, _zone, message) => void ctx.emit('zoneServed', message),
    zoneCap: (ctx, { config: { uuid, alias } }, { before, cap, burstNs }) =>
      void ctx.emit('cpuCapChanged', { uuid, alias, before, cap, burstNs }),
  },
});
