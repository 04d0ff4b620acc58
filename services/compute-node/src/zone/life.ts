/** What the zone's statechart asks for: news of its state, waits, and what the os and ZFS do for it. */
import type { Context } from '@orrery/actor';
import type { StateTimer, ZoneadmState } from './machine/zone-machine.ts';
import { installPlan, uninstallPlan, type DatasetStep } from './model/dataset-plan.ts';
import { isHvm, vmState } from './model/vm-state.ts';
import { provisionPatience, zoneTime } from './model/zone-timing.ts';
import { tellNode, tellOs } from './peers.ts';
import type { ZoneState } from './state.ts';

/** Threads that a zone's boot uses at once: svc.startd starts services side by side, most of them wait. */
const BOOT_THREADS = 2;

export function became(ctx: Context, zone: ZoneState, params: { state: ZoneadmState }): void {
  const before = zone.zoneState;
  zone.zoneState = params.state;
  if (params.state !== 'running') zone.stopping = false;
  announce(ctx, zone, before);
}

/** Reports what became of the zone, when anything did. */
export function announce(ctx: Context, zone: ZoneState, before = zone.zoneState): void {
  const { zoneState, config } = zone;
  if (zoneState === '') return;
  const state = vmState(zoneState, zone, isHvm(config.brand));
  if (state === zone.state && zoneState === before) return;
  zone.state = state;
  if (zone.quiet) {
    zone.quiet = false;
    return;
  }
  const { uuid, alias } = config;
  ctx.emit('zoneStateChanged', {
    uuid,
    alias,
    zoneStateBefore: before,
    zoneState,
    state,
    reason: zone.reason,
  });
  tellNode(ctx, 'zoneState', { zone: ctx.self, uuid, state, zoneState });
}

export function startTimer(ctx: Context, zone: ZoneState, { timer }: { timer: StateTimer }): void {
  ctx.randomTimer(timer, zoneTime(timer, zone.config), 'zone', 'tick', { name: timer, number: 0 });
}

export function stopTimer(ctx: Context, _zone: ZoneState, { timer }: { timer: StateTimer }): void {
  ctx.cancel(timer);
}

export function cloneImage(ctx: Context, zone: ZoneState): void {
  askZfs(ctx, zone, installPlan(zone.config));
}

export function destroyDatasets(ctx: Context, zone: ZoneState): void {
  askZfs(ctx, zone, uninstallPlan(zone.config));
}

function askZfs(ctx: Context, zone: ZoneState, plan: DatasetStep[]): void {
  zone.askError = '';
  zone.asks = plan.map(() => ctx.newKey());
  for (const [index, step] of plan.entries()) {
    tellOs(ctx, 'zfsAsk', { ...step, id: zone.asks[index] as number, replyTo: ctx.self });
  }
}

export function bringUp(ctx: Context, zone: ZoneState): void {
  const { config } = zone;
  zone.up = true;
  zone.again = false;
  zone.bootAt = zone.quiet ? -1 : ctx.now;
  tellOs(ctx, 'zoneUp', {
    zone: ctx.self,
    uuid: config.uuid,
    brand: config.brand,
    dataset: config.dataset,
    limits: config.limits,
    warm: zone.warm,
    alias: config.alias,
    recordSize: config.recordSizeBytes,
    workingSetBytes: config.workingSetBytes,
    residentBytes: config.residentBytes,
    workers: config.workers,
    backlog: config.backlog,
    network: config.network,
  });
  zone.warm = false;
}

/** The boot's work competes with all other work of the node; a guest's begins when its firmware is done. */
export function bootWork(ctx: Context, zone: ZoneState): void {
  const { config } = zone;
  const hvm = isHvm(config.brand);
  zone.work = ctx.newKey();
  const known = tellOs(ctx, 'workRun', {
    id: zone.work,
    zone: ctx.self,
    name: hvm ? 'guest boot' : 'boot',
    cpuNs: config.bootCpuNs,
    threads: hvm ? Math.max(1, config.limits.vcpus) : BOOT_THREADS,
    readBytes: config.bootReadBytes,
    readSize: config.bootReadSizeBytes,
    replyTo: ctx.self,
    image: config.imageUuid,
  });
  if (!known) settle(ctx, zone);
}

/** The boot's work is done: what is left is waiting. */
export function settle(ctx: Context, zone: ZoneState): void {
  zone.work = 0;
  startTimer(ctx, zone, { timer: 'settle' });
}

export function serve(ctx: Context, zone: ZoneState): void {
  zone.work = 0;
  if (zone.bootAt >= 0) {
    const { uuid, alias } = zone.config;
    ctx.emit('zoneBooted', { uuid, alias, tookNs: ctx.now - zone.bootAt });
  }
  tellOs(ctx, 'zoneServes', { zone: ctx.self, serving: true });
}

export function unserve(ctx: Context, zone: ZoneState): void {
  if (zone.up) tellOs(ctx, 'zoneServes', { zone: ctx.self, serving: false });
}

export function stopping(ctx: Context, zone: ZoneState): void {
  zone.stopping = true;
  zone.work = 0;
  announce(ctx, zone);
}

export function bringDown(ctx: Context, zone: ZoneState): void {
  zone.work = 0;
  if (zone.up) tellOs(ctx, 'zoneGone', { zone: ctx.self });
  zone.up = false;
}

/** From the first boot on, a provision has only so long. */
export function watchProvision(ctx: Context, zone: ZoneState): void {
  const limit = provisionPatience(zone.config);
  ctx.timer('provision', ctx.now + limit, 'tick', { name: 'provision', number: 0 });
}
