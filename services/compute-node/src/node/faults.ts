/**
 * The faults of a node's own hardware while its kernel runs: when each shows itself, and as which telemetry.
 *
 * A fault acts only on a kernel in multi-user: what is not accessed does not err. Errors that repeat are a Poisson
 * process; a pending one is drawn anew in a fork.
 */
import type { Context } from '@orrery/actor';
import { FIRST_ACCESS, MACHINE_CHECK_NS } from './model/boot-timing.ts';
import { stillStruck, struckPage, type Dimm } from './model/weak-memory.ts';
import { number, postEreport } from './ereports.ts';
import type { ActiveFault, NodeState } from './state.ts';

/** Ereport classes of an Intel machine. */
const CLASSES = {
  correctable: 'ereport.cpu.intel.nb.mem_ce',
  uncorrectable: 'ereport.cpu.intel.nb.mem_ue',
  cache: 'ereport.cpu.intel.l2cache',
} as const;

/** The fault's kind without the part it takes; once an uncorrectable error has struck, it is spent. */
export const SPENT = 'spent';

export function armFaults(ctx: Context, state: NodeState): void {
  for (const fault of state.faults) armFault(ctx, state, fault);
}

export function disarmFaults(ctx: Context, state: NodeState): void {
  for (const fault of state.faults) ctx.cancel(`fault:${fault.id}`);
  ctx.cancel('check');
}

/** Sets the timer of the fault's next error, if the node could notice one. */
export function armFault(ctx: Context, state: NodeState, fault: ActiveFault): void {
  if (state.phase !== 'running' || !canStrike(state, fault)) return;
  const name = `fault:${fault.id}`;
  ctx.cause = fault.cause;
  const distribution =
    fault.meanNs === 0 ? FIRST_ACCESS : ({ kind: 'exponential', mean: fault.meanNs } as const);
  ctx.randomTimer(name, distribution, 'faults', 'tick', { name, number: 0 });
}

function canStrike(state: NodeState, fault: ActiveFault): boolean {
  if (fault.kind === 'cpu.cache-errors') return !state.cpusOffline.includes(partNumber(fault.part));
  if (fault.kind === 'memory.correctable') return stillStruck(dimmOf(state, fault.part), fault.pages);
  return fault.kind === 'memory.uncorrectable';
}

/** One error of a fault, now. */
export function strike(ctx: Context, state: NodeState, id: string): void {
  const fault = state.faults.find((candidate) => candidate.id === id);
  if (fault === undefined || state.phase !== 'running') return;
  ctx.cause = fault.cause;
  if (fault.kind === 'memory.uncorrectable') uncorrectable(ctx, state, fault);
  else {
    if (fault.kind === 'memory.correctable') correctable(ctx, state, fault);
    else notice(ctx, state, CLASSES.cache, fault.part, -1);
    armFault(ctx, state, fault);
  }
}

function correctable(ctx: Context, state: NodeState, fault: ActiveFault): void {
  const page = struckPage(dimmOf(state, fault.part), fault.pages, ctx.stream('faults'));
  if (page >= 0) notice(ctx, state, CLASSES.correctable, fault.part, page);
}

/** The ereport comes first and goes to the dump; the panic follows when the handler has read all banks. */
function uncorrectable(ctx: Context, state: NodeState, fault: ActiveFault): void {
  fault.kind = SPENT;
  notice(ctx, state, CLASSES.uncorrectable, fault.part, fault.pages[0] ?? 0);
  state.panicMessage = 'uncorrectable memory error';
  ctx.timer('check', ctx.now + MACHINE_CHECK_NS, 'tick', { name: 'check', number: 0 });
}

function notice(ctx: Context, state: NodeState, name: string, part: string, page: number): void {
  const payload = page < 0 ? [] : [number('page', page)];
  if (page >= 0) payload.push(number('size', dimmOf(state, part).sizeBytes));
  postEreport(ctx, state, { class: name, part, payload, save: name === CLASSES.uncorrectable });
}

export function dimmOf(state: NodeState, part: string): Dimm {
  const name = part.slice(part.lastIndexOf('/') + 1);
  const dimm = state.dimms.find((candidate) => candidate.name === name);
  if (dimm === undefined) throw new RangeError(`no ${part} in this node`);
  return dimm;
}

export function partNumber(part: string): number {
  return Number(part.slice(part.lastIndexOf('/') + 1));
}
