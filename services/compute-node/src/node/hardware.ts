/** What is done to a node's hardware from outside: faults injected and reverted, parts replaced, buttons pressed. */
import type { Context } from '@orrery/actor';
import type { InjectFault, Messages, Param, Repair, RevertFault } from '@orrery/proto';
import { SECOND } from '@orrery/kernel';
import { drawWeakPages, retirePage } from './model/weak-memory.ts';
import { armFault, dimmOf, partNumber } from './faults.ts';
import { onlineCpus, usableMemory } from './life.ts';
import { tellFm, tellOs } from './peers.ts';
import { setSupply, settlePower } from './power.ts';
import type { ActiveFault, NodeState } from './state.ts';

function targetOf(ctx: Context, part: string): string {
  return part === '' ? ctx.address : `${ctx.address}/${part}`;
}

function numberOf(params: readonly Param[], name: string, otherwise: number): number {
  return params.find((param) => param.name === name)?.number ?? otherwise;
}

export function injectFault(ctx: Context, state: NodeState, message: InjectFault): void {
  const { faultId, kind, part, params, askedBy } = message;
  const cause = ctx.emit('faultInjected', { faultId, kind, target: targetOf(ctx, part), params, askedBy });
  if (state.faults.some(({ id }) => id === faultId)) return;
  const fault: ActiveFault = { id: faultId, kind, part, cause, meanNs: 0, pages: [] };
  state.faults.push(fault);
  switch (kind) {
    case 'node.power':
      state.unplugged = faultId;
      return settlePower(ctx, state, 'power cut');
    case 'node.hang':
      state.reason = 'hang';
      ctx.dispatch({ type: 'HANG' });
      state.reason = '';
      return;
    case 'psu.fail':
      return setSupply(ctx, state, partName(part), false);
    case 'memory.correctable':
    case 'memory.uncorrectable': {
      const count = kind === 'memory.correctable' ? numberOf(params, 'pages', 4) : 1;
      fault.pages = drawWeakPages(dimmOf(state, part), count, ctx.stream('faults'));
      if (kind === 'memory.correctable') fault.meanNs = meanOf(params);
      break;
    }
    case 'cpu.cache-errors':
      if (!(partNumber(part) < state.config.cpus)) throw new RangeError(`${ctx.address} has no ${part}`);
      fault.meanNs = meanOf(params);
      break;
    default:
      throw new RangeError(`${ctx.address} knows no fault ${kind}`);
  }
  armFault(ctx, state, fault);
}

/** Mean time between errors of a rate a second, ns. */
function meanOf(params: readonly Param[]): number {
  return Math.max(1, Math.round(SECOND / numberOf(params, 'rate', 1)));
}

/** The cause ends; what it caused stays: a hung node hangs, a retired page is unused. */
export function revertFault(ctx: Context, state: NodeState, message: RevertFault): void {
  const { faultId, kind, part, askedBy } = message;
  ctx.emit('faultReverted', { faultId, kind, target: targetOf(ctx, part), askedBy });
  endFaults(ctx, state, (fault) => fault.id === faultId);
}

function endFaults(ctx: Context, state: NodeState, which: (fault: ActiveFault) => boolean): void {
  const ended = state.faults.filter(which);
  state.faults = state.faults.filter((fault) => !which(fault));
  for (const { id, part, kind } of ended) {
    ctx.cancel(`fault:${id}`);
    if (kind === 'psu.fail' && !state.faults.some((fault) => fault.part === part)) {
      setSupply(ctx, state, partName(part), true);
    }
    if (state.unplugged !== id) continue;
    state.unplugged = state.faults.find((fault) => fault.kind === 'node.power')?.id ?? '';
    settlePower(ctx, state, 'power restored');
  }
}

export function repair(ctx: Context, state: NodeState, message: Repair): void {
  const { kind, part, askedBy } = message;
  if (kind === 'tunable.set') return setTunable(ctx, state, message);
  ctx.emit('partRepaired', { kind, target: targetOf(ctx, part), askedBy });
  switch (kind) {
    case 'node.power-on':
      state.wanted = true;
      endFaults(ctx, state, (fault) => fault.kind === 'node.power');
      return settlePower(ctx, state, 'powered on');
    case 'node.power-off':
      state.wanted = false;
      return press(ctx, state, 'POWER_LOST', 'powered off');
    case 'node.reset':
      return press(ctx, state, 'RESET', 'reset');
    case 'node.nmi':
      return press(ctx, state, 'NMI', 'NMI');
    case 'psu.replace':
    case 'dimm.replace':
    case 'cpu.replace':
      return replace(ctx, state, message);
    default:
      throw new RangeError(`${ctx.address} knows no repair ${kind}`);
  }
}

/** Writes a variable of the running kernel, as `mdb -kw` does; a kernel that is not there has none. */
function setTunable(ctx: Context, state: NodeState, { params, askedBy }: Repair): void {
  if (!state.kernel || state.phase === 'hung') return;
  const name = params.find((param) => param.name === 'name')?.text ?? '';
  const value = numberOf(params, 'value', 0);
  ctx.emit('tunableChanged', { name, value, askedBy });
  tellOs(ctx, 'setTunable', { name, value });
}

function press(ctx: Context, state: NodeState, type: string, reason: string): void {
  state.reason = reason;
  ctx.dispatch({ type });
  state.reason = '';
}

function replace(ctx: Context, state: NodeState, message: Repair): void {
  const { part } = message;
  endFaults(ctx, state, (fault) => fault.part === part);
  if (message.kind === 'dimm.replace') dimmOf(state, part).retired = [];
  if (message.kind === 'cpu.replace') bringCpuBack(ctx, state, partNumber(part));
  tellFm(ctx, 'repair', message);
}

function bringCpuBack(ctx: Context, state: NodeState, cpu: number): void {
  const at = state.cpusOffline.indexOf(cpu);
  if (at < 0) return;
  state.cpusOffline.splice(at, 1);
  ctx.emit('cpuStateChanged', { cpu, state: 'on-line' });
  tellCpus(ctx, state);
}

/** cpumem-retire's order: the CPU runs no more threads, and so reports no more errors. The last one stays. */
export function retireCpu(ctx: Context, state: NodeState, { cpu }: Messages['retireCpu']): void {
  if (!state.kernel || state.phase === 'hung' || state.cpusOffline.includes(cpu)) return;
  if (onlineCpus(state) <= 1 || cpu >= state.config.cpus) return;
  state.cpusOffline.push(cpu);
  ctx.emit('cpuStateChanged', { cpu, state: 'faulted' });
  tellCpus(ctx, state);
  for (const fault of state.faults) {
    if (fault.kind === 'cpu.cache-errors' && partNumber(fault.part) === cpu) ctx.cancel(`fault:${fault.id}`);
  }
}

function tellCpus(ctx: Context, state: NodeState): void {
  if (state.phase !== 'running') return;
  tellOs(ctx, 'cpuOnline', { cpus: onlineCpus(state), memoryBytes: usableMemory(state) });
}

export function retirePageOrder(ctx: Context, state: NodeState, order: Messages['retirePage']): void {
  if (!state.kernel || state.phase === 'hung') return;
  const dimm = dimmOf(state, order.dimm);
  if (!retirePage(dimm, order.page)) return;
  ctx.emit('pageRetired', { dimm: dimm.name, page: order.page, retired: dimm.retired.length });
}

/** dladm's view of a NIC changed: the kernel says so in the log, and no ereport is made of it. */
export function nicState(ctx: Context, state: NodeState, { nic, up }: Messages['nicState']): void {
  if (!state.kernel || state.phase === 'hung') return;
  const what = up ? `${nic} link up` : `${nic} link down`;
  ctx.emit('syslogWritten', { text: `mac: [ID ${up ? 435574 : 486395} kern.info] NOTICE: ${what}` });
}

function partName(part: string): string {
  return part.slice(part.lastIndexOf('/') + 1);
}
