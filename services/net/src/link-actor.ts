/** One cable: a NIC's (`cn-0001/nic/ixgbe0`) or an uplink (`uplink/tor-r1a`). It is up when it is whole and both ends answer. */
import { defineActor, type Context } from '@orrery/actor';
import { MS } from '@orrery/kernel';
import type { InjectFault, LinkEnd, Param, Repair, RevertFault, Tick } from '@orrery/proto';
import { halfPeriod, isCut, lossOf, type LinkFault } from './model/link-faults.ts';

export interface LinkInit {
  /** Address of the node that hears of a NIC's state; '' for an uplink. */
  node: string;
  /** The NIC's name; '' for an uplink. */
  nic: string;
  /** Whether a cable is in it. */
  cabled: boolean;
}

interface LinkState extends LinkInit {
  faults: LinkFault[];
  /** Switches at its ends that do not answer. */
  deadEnds: string[];
  up: boolean;
  lossPerMillion: number;
}

/** What stands at the far end of a port without a cable. */
const NO_CABLE = '';

/** A flap faster than this would be one fact a millisecond: slower hardware than that debounces it, ns. */
const PERIOD_MIN_NS = 10 * MS;

function numberOf(params: readonly Param[], name: string): number {
  return params.find((param) => param.name === name)?.number ?? 0;
}

/** Says what changed, to the log, to net and to the node at the NIC's end. */
function settle(context: Context, state: LinkState): void {
  const up = !isCut(state.faults) && state.deadEnds.length === 0;
  const lossPerMillion = lossOf(state.faults);
  if (up === state.up && lossPerMillion === state.lossPerMillion) return;
  if (lossPerMillion !== state.lossPerMillion) {
    state.lossPerMillion = lossPerMillion;
    context.emit('linkLossChanged', { link: context.address, lossPerMillion });
  }
  if (up !== state.up) {
    state.up = up;
    context.emit('linkStateChanged', { link: context.address, up });
    const node = state.nic === '' ? undefined : context.lookup(state.node);
    if (node !== undefined) context.send(node, 'nicState', { nic: state.nic, up });
  }
  const net = context.lookup('net');
  if (net !== undefined) context.send(net, 'linkCondition', { link: context.address, up, lossPerMillion });
}

function injectFault(context: Context, state: LinkState, message: InjectFault): void {
  const { faultId, kind, params, askedBy } = message;
  const cause = context.emit('faultInjected', { faultId, kind, target: context.address, params, askedBy });
  if (state.faults.some((fault) => fault.id === faultId)) return;
  const fault: LinkFault = {
    id: faultId,
    kind,
    cause,
    lossPerMillion: kind === 'link.loss' ? Math.round(numberOf(params, 'share') * 1_000_000) : 0,
    periodNs: kind === 'link.flap' ? Math.max(PERIOD_MIN_NS, numberOf(params, 'period')) : 0,
    cuts: kind !== 'link.loss',
  };
  state.faults.push(fault);
  if (fault.periodNs > 0) setFlap(context, fault);
  settle(context, state);
}

function setFlap(context: Context, fault: LinkFault): void {
  context.timer(flapTimer(fault.id), context.now + halfPeriod(fault), 'tick', { name: fault.id, number: 0 });
}

function flapTimer(faultId: string): string {
  return `flap:${faultId}`;
}

function flap(context: Context, state: LinkState, tick: Tick): void {
  const fault = state.faults.find((candidate) => candidate.id === tick.name);
  if (fault === undefined) return;
  context.cause = fault.cause;
  fault.cuts = !fault.cuts;
  setFlap(context, fault);
  settle(context, state);
}

function removeFault(context: Context, state: LinkState, faultId: string): void {
  context.cancel(flapTimer(faultId));
  state.faults = state.faults.filter((fault) => fault.id !== faultId);
}

function revertFault(context: Context, state: LinkState, message: RevertFault): void {
  const { faultId, kind, askedBy } = message;
  context.emit('faultReverted', { faultId, kind, target: context.address, askedBy });
  removeFault(context, state, faultId);
  settle(context, state);
}

/** Another cable: whatever was wrong with the old one is gone with it. */
function repair(context: Context, state: LinkState, message: Repair): void {
  context.emit('partRepaired', { kind: message.kind, target: context.address, askedBy: message.askedBy });
  for (const fault of state.faults) removeFault(context, state, fault.id);
  settle(context, state);
}

function linkEnd(context: Context, state: LinkState, message: LinkEnd): void {
  state.deadEnds = state.deadEnds.filter((end) => end !== message.end);
  if (!message.up) state.deadEnds.push(message.end);
  settle(context, state);
}

export const linkKind = defineActor<LinkState, LinkInit>({
  name: 'link',
  service: 'net',
  init: (_, init) => ({
    ...init,
    faults: [],
    deadEnds: init.cabled ? [] : [NO_CABLE],
    up: init.cabled,
    lossPerMillion: 0,
  }),
  on: { injectFault, revertFault, repair, linkEnd, tick: flap },
});
