/** What the node's statechart asks for: phase facts, phase timers, and who is told when a kernel comes or goes. */
import type { Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import type { NodePhase, PhaseTimer } from './machine/node-machine.ts';
import { NETBOOT_RETRY_NS, phaseTime } from './model/boot-timing.ts';
import { PAGE_BYTES } from './model/weak-memory.ts';
import { number, postEreport } from './ereports.ts';
import { armFaults, disarmFaults } from './faults.ts';
import { setHeart, watchAdmin } from './heart.ts';
import { tell, tellFm, tellOs, tellZone } from './peers.ts';
import { setSensors } from './power.ts';
import type { NodeState } from './state.ts';

/** What savecore tells fmd of a panic that nobody in fault management asked for. */
const DUMP_AVAILABLE = 'ireport.os.sunos.panic.dump_available';

/** What other services call the end of a kernel, by the phase it ends in. */
const lossReasons: Partial<Record<NodePhase, string>> = { off: 'power', post: 'reset', panicked: 'panic' };

export function became(ctx: Context, state: NodeState, { phase }: { phase: NodePhase }): void {
  const { phase: stateBefore, reason } = state;
  state.phase = phase;
  state.reason = '';
  if (stateBefore === '') return;
  ctx.emit('nodeStateChanged', { stateBefore, state: phase, reason });
}

export function startTimer(ctx: Context, state: NodeState, { timer }: { timer: PhaseTimer }): void {
  if (timer === 'imported') return;
  const distribution = phaseTime(timer, state.config.timings);
  ctx.randomTimer(timer, distribution, 'boot', 'tick', { name: timer, number: 0 });
}

export function stopTimer(ctx: Context, _state: NodeState, { timer }: { timer: string }): void {
  ctx.cancel(timer);
}

/** Asks the head node for the platform, and again while nobody answers. */
export function askPlatform(ctx: Context, state: NodeState): void {
  if (!state.linksOn) {
    state.linksOn = true;
    tell(ctx, 'net', 'nodePower', { on: true, reason: 'boot' });
    watchAdmin(ctx);
  }
  if (state.adminUp) tell(ctx, 'headnode', 'netBoot', { node: ctx.self, mac: state.config.mac });
  ctx.timer('netboot', ctx.now + NETBOOT_RETRY_NS, 'tick', { name: 'netboot', number: 0 });
}

export function startKernel(ctx: Context, state: NodeState): void {
  state.kernel = true;
  state.bootedAt = ctx.now;
  state.poolsOn = true;
  // CPUs and pages come back with every boot: fmd retires them anew, from its cases.
  state.cpusOffline = [];
  for (const dimm of state.dimms) dimm.retired = [];
  tellPools(ctx, state, 'nodePower', { on: true, reason: 'boot' });
  tellFm(ctx, 'nodePower', { on: true, reason: 'boot' });
}

export function importPools(ctx: Context, state: NodeState): void {
  state.missing = [];
  state.importing = state.config.pools.filter(
    (pool) => ctx.lookup(`${ctx.address}/pool/${pool}`) !== undefined,
  );
  tellPools(ctx, state, 'poolImport', { afterCrash: state.crashed });
  if (state.importing.length === 0) ctx.timer('imported', ctx.now, 'tick', { name: 'imported', number: 0 });
}

export function poolImported(ctx: Context, state: NodeState, message: Messages['poolImported']): void {
  const at = state.importing.indexOf(message.pool);
  if (at < 0) return;
  state.importing.splice(at, 1);
  tellOs(ctx, 'poolImported', message);
  if (message.error !== '') {
    state.missing.push(message.pool);
    ctx.emit('syslogWritten', { text: `zfs: cannot import '${message.pool}': ${message.error}` });
  }
  if (state.importing.length === 0) ctx.dispatch({ type: 'POOLS_IMPORTED' });
}

/** Multi-user: the os has its resources, fmd reads the dump's ereports, every autoboot zone boots at once. */
export function startServices(ctx: Context, state: NodeState): void {
  const { startedRunning } = state;
  if (startedRunning) {
    state.kernel = true;
    state.poolsOn = true;
    state.linksOn = true;
    watchAdmin(ctx);
  }
  state.crashed = false;
  tellOs(ctx, 'osStarted', {
    cpus: onlineCpus(state),
    memoryBytes: usableMemory(state),
    warm: state.warm && startedRunning,
  });
  startFmd(ctx, state);
  if (!startedRunning) {
    for (const { uuid, pool } of state.zones) {
      if (!state.missing.includes(pool)) tellZone(ctx, uuid, 'autoboot', 0, 'svc:/system/zones:default');
    }
  }
  state.statusChanged = true;
  state.lastFullAt = -1;
  setHeart(ctx, state);
  setSensors(ctx, state);
  armFaults(ctx, state);
}

function startFmd(ctx: Context, state: NodeState): void {
  state.fmdOn = true;
  tellFm(ctx, 'fmdRuns', { running: true });
  if (!hasDumpDevice(state)) return;
  for (const ereport of state.savedEreports) tellFm(ctx, 'ereport', { ...ereport, replayed: true });
  state.savedEreports = [];
  if (state.dumpUntold === 0) return;
  const payload = [number('crash', state.dumpUntold)];
  state.dumpUntold = 0;
  postEreport(ctx, state, { class: DUMP_AVAILABLE, part: '', payload, save: false });
}

/** The dump device is a volume of the node's first pool (zones/dump): without that, nothing is dumped and no dump is read. */
function hasDumpDevice({ config, missing }: NodeState): boolean {
  return config.pools.length === 0 || !missing.includes(config.pools[0]);
}

/** The kernel ended without warning: what ran in it, and what relied on it, is told. */
export function loseKernel(ctx: Context, state: NodeState): void {
  const reason = lossReasons[state.phase as NodePhase] ?? 'power';
  const powered = state.phase !== 'off';
  if (state.kernel) {
    state.kernel = false;
    tellFm(ctx, 'nodePower', { on: false, reason });
    state.crashed = true;
    state.startedRunning = false;
    tellOs(ctx, 'osStopped', { reason, frozen: false });
    stopAgents(ctx, state);
    for (const { uuid } of state.zones) tellZone(ctx, uuid, 'crash', 0, `node: ${reason}`);
    state.tasks = [];
    state.unsent = [];
    state.fetches = [];
    state.importing = [];
  }
  if (state.poolsOn) tellPools(ctx, state, 'nodePower', { on: false, reason });
  state.poolsOn = false;
  if (state.linksOn) tell(ctx, 'net', 'nodePower', { on: false, reason });
  state.linksOn = false;
  if (!powered) for (const supply of state.supplies) supply.bad = 0;
}

/** The kernel is still in memory, and moves no more. */
export function freeze(ctx: Context, state: NodeState): void {
  tellOs(ctx, 'osStopped', { reason: 'hang', frozen: true });
  stopAgents(ctx, state);
  for (const { uuid } of state.zones) tellZone(ctx, uuid, 'freeze', 0, 'node: hang');
}

function stopAgents(ctx: Context, state: NodeState): void {
  if (state.fmdOn) tellFm(ctx, 'fmdRuns', { running: false });
  state.fmdOn = false;
  ctx.cancel('beat');
  ctx.cancel('sensors');
  for (const { image } of state.fetches) ctx.cancel(`fetch:${image}`);
  disarmFaults(ctx, state);
}

export function reportPanic(ctx: Context, state: NodeState): void {
  ctx.emit('nodePanicked', { message: state.panicMessage === '' ? 'NMI received' : state.panicMessage });
  state.reason = state.panicMessage === '' ? 'NMI' : state.panicMessage;
  state.panicMessage = '';
}

/** savecore's work: the dump is safe, with the ereports of the panic. One that telemetry itself asked for needs no other. */
export function keepDump(ctx: Context, state: NodeState): void {
  if (!hasDumpDevice(state)) return loseDump(ctx, state);
  state.dumps++;
  if (state.panicEreports.length === 0) state.dumpUntold = state.dumps;
  state.savedEreports.push(...state.panicEreports);
  state.panicEreports = [];
}

export function loseDump(_ctx: Context, state: NodeState): void {
  state.panicEreports = [];
  state.panicMessage = '';
}

export function onlineCpus(state: NodeState): number {
  return state.config.cpus - state.cpusOffline.length;
}

/** Bytes, without retired pages. */
export function usableMemory(state: NodeState): number {
  let retired = 0;
  for (const dimm of state.dimms) retired += dimm.retired.length;
  return state.config.memoryBytes - retired * PAGE_BYTES;
}

function tellPools(
  ctx: Context,
  state: NodeState,
  kind: 'nodePower' | 'poolImport',
  payload: Messages['nodePower'] | Messages['poolImport'],
): void {
  for (const pool of state.config.pools) tell(ctx, `${ctx.address}/pool/${pool}`, kind, payload as never);
}
