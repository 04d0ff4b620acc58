/** The kernel's own life, and zones that come and go in it. */
import type { Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import { keptTable } from './arc-tables.ts';
import { dropBurst, trackBurst } from './bursts.ts';
import { forgetCalls } from './calls.ts';
import { dropHeld, makeCourier, watchPeers } from './courier.ts';
import { changeCpus } from './cpu-work.ts';
import { startLoads, stopLoads } from './load.ts';
import { arcTarget, makeArc } from './model/arc.ts';
import { addCpuZone, makeCpu, removeCpuZone } from './model/cpu.ts';
import { makeDeadlines } from './model/deadlines.ts';
import { residentBytes } from './model/memory.ts';
import { addThrottledZone, makeThrottle } from './model/zone-throttle.ts';
import { makeTxgs } from './model/txg.ts';
import { makeZil } from './model/zil.ts';
import { newCount } from './report.ts';
import { abort, drain } from './run.ts';
import type { OsConfig, OsState, OsZone, ZoneTraits } from './state.ts';
import { tendMemory } from './txg-work.ts';

const TIMERS = ['cpu', 'burst', 'txg', 'deadline', 'load', 'report'];
/** Shares of the global zone: its kernel threads run beside everybody. */
const GLOBAL_SHARES = 100;
/** Figures of a VM of which nobody says anything. */
const PLAIN: ZoneTraits = {
  alias: '',
  recordBytes: 131_072,
  workingSetBytes: 67_108_864,
  dataBytes: 0,
  residentBytes: 0,
  workers: 16,
  backlog: 128,
  network: '',
};

/** An os before its node's first boot. */
export function newOs(config: OsConfig): OsState {
  return {
    // Call plans count whose turn it is: each os has its own.
    config: {
      ...config,
      programs: Object.fromEntries(
        Object.entries(config.programs).map(([name, program]) => [
          name,
          { ...program, steps: program.steps.map((step) => ({ ...step })) },
        ]),
      ),
      loads: config.loads.map((load) => ({ ...load, call: { ...load.call } })),
    },
    status: 'down',
    memoryBytes: 0,
    nextId: 1,
    cpu: makeCpu(1),
    cpuEnd: 0,
    bursts: [],
    burstAt: 0,
    arc: makeArc(0),
    tables: new Map(),
    residentBytes: 0,
    txgs: makeTxgs(0, 0),
    txgAt: 0,
    throttle: makeThrottle(0),
    switches: { ...config.switches },
    courier: makeCourier(config.node),
    pool: 0,
    spaces: new Map(),
    zones: new Map(),
    byUuid: new Map(),
    requests: new Map(),
    outcalls: new Map(),
    deadlines: makeDeadlines(),
    zios: new Map(),
    works: new Map(),
    images: new Map(),
    dirtyWaiters: [],
    txgWaiters: [],
    asks: new Map(),
    early: [],
    earlyServing: [],
    ready: [],
    thinking: makeDeadlines(),
    thinkers: new Map(),
    reporting: false,
  };
}

/** Asks the net for the paths that this node's zones will use; they are kept whether the node runs or not. */
export function watchAll(ctx: Context, os: OsState): void {
  for (const { network, peers } of os.config.peers) watchPeers(ctx, os.courier, network, peers);
}

/** The kernel is up: nothing of an earlier one is left. */
export function started(ctx: Context, os: OsState, message: Messages['osStarted']): void {
  forget(ctx, os);
  const { now } = ctx;
  os.status = 'up';
  os.memoryBytes = message.memoryBytes;
  os.cpu = makeCpu(message.cpus);
  os.arc = makeArc(arcTarget(message.memoryBytes, 0));
  const txg = os.txgs.open.number + 3;
  os.txgs = makeTxgs(message.memoryBytes, now);
  os.txgs.open.number = txg;
  os.switches = { ...os.config.switches };
  os.throttle = makeThrottle(now, os.switches.priority);
  os.pool = ctx.lookup(os.config.pool) ?? 0;
  attach(ctx, os, {
    zone: ctx.self,
    uuid: '',
    brand: 'global',
    dataset: 'zones',
    warm: false,
    alias: 'global',
    recordSize: 0,
    workingSetBytes: 0,
    residentBytes: 0,
    workers: 0,
    backlog: 0,
    network: '',
  });
  const { early, earlyServing } = os;
  os.early = [];
  os.earlyServing = [];
  for (const zone of early) attach(ctx, os, zone);
  for (const zone of earlyServing) serves(ctx, os, { zone, serving: true });
}

/** The kernel is gone, or hangs: what hangs is never heard of again, since only a reset or a panic ends it. */
export function stopped(ctx: Context, os: OsState, message: Messages['osStopped']): void {
  for (const name of TIMERS) ctx.cancel(name);
  os.status = message.frozen ? 'frozen' : 'down';
  os.early = [];
  os.earlyServing = [];
  if (!message.frozen) forget(ctx, os);
}

function forget(ctx: Context, os: OsState): void {
  for (const name of TIMERS) ctx.cancel(name);
  dropHeld(ctx, os.courier);
  os.cpu = makeCpu(1);
  os.cpuEnd = 0;
  os.bursts = [];
  os.burstAt = 0;
  os.arc = makeArc(0);
  os.tables.clear();
  os.residentBytes = 0;
  os.txgAt = 0;
  os.zones.clear();
  os.byUuid.clear();
  os.requests.clear();
  os.outcalls.clear();
  os.deadlines = makeDeadlines();
  os.zios.clear();
  os.works.clear();
  os.images.clear();
  os.dirtyWaiters = [];
  os.txgWaiters = [];
  os.asks.clear();
  os.ready = [];
  os.thinking = makeDeadlines();
  os.thinkers.clear();
  os.reporting = false;
}

export function cpusChanged(ctx: Context, os: OsState, message: Messages['cpuOnline']): void {
  os.memoryBytes = message.memoryBytes;
  changeCpus(ctx, os, message.cpus);
  tendMemory(os, 0);
}

/** A zone is there: it can use CPU, memory and disk. */
export function attach(ctx: Context, os: OsState, up: Messages['zoneUp']): void {
  const known = os.zones.get(up.zone);
  if (known !== undefined) detach(ctx, os, known);
  const traits = os.config.traits[up.uuid] ?? PLAIN;
  const { limits } = up;
  const slot = addCpuZone(os.cpu, up.zone, {
    shares: limits?.cpuShares ?? GLOBAL_SHARES,
    capPercent: limits?.cpuCap ?? 0,
    vcpus: limits?.vcpus ?? 0,
  });
  if (limits !== undefined) trackBurst(os, { slot, zone: up.zone }, limits, ctx.now);
  const recordBytes = up.recordSize || traits.recordBytes || PLAIN.recordBytes;
  const workingSetBytes = up.workingSetBytes || traits.workingSetBytes || traits.dataBytes;
  const zone: OsZone = {
    id: up.zone,
    uuid: up.uuid,
    dataset: up.dataset,
    network: up.network || traits.network,
    recordBytes,
    workingSetBytes: Math.max(recordBytes, workingSetBytes),
    workers: up.workers || traits.workers || PLAIN.workers,
    backlog: up.backlog || traits.backlog,
    serving: false,
    reachable: false,
    warm: up.warm,
    slot,
    table: undefined,
    zil: makeZil(),
    memory: { heldBytes: 0, capBytes: limits?.memoryBytes ?? 0, swapBytes: limits?.swapBytes ?? 0 },
    residentBytes: up.residentBytes || traits.residentBytes,
    reads: { next: 0 },
    writes: { next: 0 },
    busy: 0,
    waiting: [],
    count: newCount(),
    touched: false,
    usedNsReported: 0,
  };
  zone.table = keptTable(os, zone);
  os.zones.set(zone.id, zone);
  if (zone.uuid === '') return;
  os.byUuid.set(zone.uuid, zone);
  addThrottledZone(os.throttle, slot, limits?.zfsIoPriority ?? 0, ctx.now);
}

/** The zone's processes listen, or are gone. */
export function serves(ctx: Context, os: OsState, message: Messages['zoneServes']): void {
  const zone = os.zones.get(message.zone);
  if (zone === undefined || zone.serving === message.serving) return;
  zone.serving = message.serving;
  zone.reachable ||= message.serving;
  const before = residentBytes(zone.memory);
  if (message.serving) {
    zone.memory.heldBytes += zone.residentBytes;
    tendMemory(os, residentBytes(zone.memory) - before);
    startLoads(ctx, os, zone);
    return;
  }
  stopLoads(os, zone);
  forgetCalls(os, zone);
  abort(ctx, os, zone, false);
  zone.memory.heldBytes -= zone.residentBytes;
  tendMemory(os, residentBytes(zone.memory) - before);
}

/** The zone is gone with all it did; what the kernel has cached of its dataset stays. */
export function detach(ctx: Context, os: OsState, zone: OsZone): void {
  zone.serving = false;
  zone.reachable = false;
  stopLoads(os, zone);
  forgetCalls(os, zone);
  abort(ctx, os, zone, true);
  tendMemory(os, -residentBytes(zone.memory));
  removeCpuZone(os.cpu, zone.slot, ctx.now);
  dropBurst(os, zone.id);
  os.throttle.zones[zone.slot] = undefined;
  os.zones.delete(zone.id);
  os.byUuid.delete(zone.uuid);
  drain(ctx, os);
}
