/** What a subject that is not well is waited for, and by whom it may need help. */
import type { Vm } from '@orrery/spec';
import { causesOf } from '../causes.ts';
import type { Fact } from '../fact.ts';
import { missingPool } from '../down.ts';
import type { FactIndex } from '../fact-index.ts';
import {
  endedByNode,
  nodeState,
  outagesOf,
  historyOf,
  poolOf,
  presentOutage,
  vmStateOf,
} from '../history.ts';
import { cutOffBy } from '../reach.ts';
import type { Subject } from '../subject.ts';
import { findErrors } from '../errors-seen.ts';
import { isMissing, missingPoolOf, outOfService } from '../pool-causes.ts';
import { diskGoal, missedOf, poolGoal } from './pool-goal.ts';
import { linkWatch, nodeWatch, type Watch } from './watch.ts';

export interface Goal {
  /** `multi-user`, `running`, `resilvered`, `up`. */
  word: string;
  /** State that it is in. */
  state: string;
  /** A fresh watch for one fork; undefined: no fork can tell, a person is needed now. */
  watch: (() => Watch) | undefined;
  /** Who must do what, if it comes to that. */
  person: string;
  /** How many zones are waited for with a node. */
  zones: number;
  /** The node that it is in; '' for the fabric. */
  node: string;
  /** The node whose kernel is down, when that is what is waited for. */
  bootsNode: string;
}

const MINUTE_NS = 60_000_000_000;
/** Without news for so long, nothing is under way: the longest phase lasts less. */
const PATIENCE_NS = 5 * MINUTE_NS;
/** A link that comes back by itself flaps, and soon. */
const LINK_PATIENCE_NS = MINUTE_NS;

/** Undefined: it is well, there is nothing to wait for. */
export function goalOf(index: FactIndex, subject: Subject): Goal | undefined {
  switch (subject.kind) {
    case 'node':
      return nodeGoal(index, subject);
    case 'vm':
      return vmGoal(index, subject);
    case 'pool':
      return poolGoal(index, subject.address, subject);
    case 'disk':
      return diskGoal(index, subject);
    case 'link':
    case 'switch':
      return linkGoal(index, subject);
    default:
      return undefined;
  }
}

const wayOut: Readonly<Record<string, string>> = {
  hung: 'an NMI (node.nmi), a reset (node.reset) or a power cycle',
  off: 'power (node.power-on)',
};

/** @param pool that could not be imported at the last boot; '' when all were */
function consoleOr(index: FactIndex, pool: string): string {
  return pool === '' ? 'somebody to look at its console' : missedOf(index, pool);
}

function nodeGoal(index: FactIndex, subject: Subject): Goal | undefined {
  const { address } = subject;
  const state = nodeState(index, address);
  const zones = zonesToBoot(index, address);
  const pool = missingPoolOf(index, address);
  const person = wayOut[state] ?? consoleOr(index, pool);
  if (state === 'running' && zones.size === 0)
    return reachGoal(index, address) ?? (pool === '' ? undefined : poolGoal(index, pool, subject));
  const watch = () =>
    nodeWatch({
      node: address,
      state,
      zones,
      withoutPool: pool !== '',
      alone: '',
      startedAt: index.until,
      patienceNs: patience(index, address),
    });
  const still = state === 'off' || state === 'hung';
  if (state === 'running') {
    return {
      word: 'up with all its zones',
      state,
      watch,
      person,
      zones: 0,
      node: address,
      bootsNode: address,
    };
  }
  return {
    word: 'multi-user',
    state,
    watch: still ? undefined : watch,
    person,
    zones: zones.size,
    node: address,
    bootsNode: address,
  };
}

/** Longer than any phase of that node. */
function patience(index: FactIndex, node: string): number {
  const timings = index.datacenter.nodes.find(({ address }) => address === node)?.timings;
  if (timings === undefined) return PATIENCE_NS;
  const { post, platformLoad, boot, dump } = timings;
  return Math.max(PATIENCE_NS, 3 * Math.max(post.ns, platformLoad.ns, boot.ns, dump.ns));
}

/** Zones that boot by themselves and are not up now. */
function zonesToBoot(index: FactIndex, node: string): Set<string> {
  const down = nodeState(index, node) !== 'running';
  const zones = new Set<string>();
  for (const vm of index.datacenter.vms) {
    if (vm.node !== node || !vm.autoboot) continue;
    const subject: Subject = {
      kind: 'vm',
      name: vm.alias,
      address: `${node}/zone/${vm.uuid}`,
      node,
      vm: { uuid: vm.uuid, alias: vm.alias, spec: vm },
    };
    if (down ? !stoppedBefore(index, subject) : booting(index, subject)) zones.add(vm.uuid);
  }
  return zones;
}

function booting(index: FactIndex, subject: Subject): boolean {
  const outage = presentOutage(index, subject);
  return (
    outage !== undefined &&
    ['booting', 'ready', 'stopped'].includes(outage.last.state) &&
    endedByNode(outage) &&
    missingPool(index, subject) === undefined
  );
}

/** Whether somebody had stopped the zone before its node went down: it stays stopped. */
function stoppedBefore(index: FactIndex, subject: Subject): boolean {
  const outage = presentOutage(index, subject);
  return outage !== undefined && outage.first.state === 'stopped' && !endedByNode(outage);
}

/** A VM that was destroyed is no more: another of its name would be a new one. */
const REMADE = 'somebody to make it anew (vmadm create): it was destroyed';

/** It runs, and its pool answers no I/O: it is served again when its pool is. */
function blockedGoal(index: FactIndex, subject: Subject): Goal | undefined {
  const pool = poolOf(index, subject);
  if (outOfService(index, pool) === undefined) return undefined;
  const goal = poolGoal(index, pool, subject);
  return goal === undefined ? undefined : { ...goal, word: 'served by its pool', state: 'waiting for I/O' };
}

/** It runs, and most of what it is asked ends in errors: what it needs is what they end for, or whom it calls. */
function failingGoal(index: FactIndex, subject: Subject): Goal | undefined {
  const seen = findErrors(index, subject);
  if (seen === undefined || seen.failed * 2 < seen.all) return undefined;
  const { culprit } = seen;
  const inherited =
    culprit === undefined || culprit.address === subject.address ? undefined : goalOf(index, culprit);
  if (inherited !== undefined) return inherited;
  return {
    word: 'serving',
    state: 'failing',
    watch: undefined,
    person: `${seen.own?.remedy ?? 'somebody to see to it'} (it ${seen.headline})`,
    zones: 0,
    node: subject.node,
    bootsNode: '',
  };
}

/** It runs, and nobody reaches it: undefined when somebody does. */
function reachGoal(index: FactIndex, node: string, vm?: Vm): Goal | undefined {
  const cut = cutOffBy(index, node, vm);
  if (cut === undefined) return undefined;
  return {
    word: 'reachable',
    state: 'cut off',
    watch: () => linkWatch(cut.address, index.until, LINK_PATIENCE_NS),
    person: mender(index, cut),
    zones: 0,
    node,
    bootsNode: '',
  };
}

/** Who mends what is down: a cable in a dead switch is whole, so the part at the root is named. */
function mender(index: FactIndex, down: Fact): string {
  const broken = causesOf(index, down).findLast(
    ({ kind }) => kind === 'linkStateChanged' || kind === 'switchStateChanged',
  );
  return `somebody to mend ${(broken ?? down).address}`;
}

function vmGoal(index: FactIndex, subject: Subject): Goal | undefined {
  const { node, address } = subject;
  const uuid = subject.vm?.uuid ?? '';
  const state = vmStateOf(index, subject);
  const host = nodeState(index, node);
  const base = { word: 'running', state, zones: 0, node, bootsNode: host === 'running' ? '' : node };
  if (host === 'running' && state === 'running') {
    const cut = reachGoal(index, node, subject.vm?.spec);
    return cut ?? blockedGoal(index, subject) ?? failingGoal(index, subject);
  }
  const missing = missingPool(index, subject);
  if (missing !== undefined) return poolGoal(index, missing.address, subject);
  if (state === 'destroyed') return { ...base, watch: undefined, person: REMADE };
  const pool = isMissing(index, poolOf(index, subject)) ? poolOf(index, subject) : '';
  const person =
    host === 'running'
      ? `somebody to start it (vmadm start ${uuid.slice(0, 8)})`
      : (wayOut[host] ?? consoleOr(index, pool));
  const still = host === 'off' || host === 'hung';
  const watch = () =>
    nodeWatch({
      node,
      state: host,
      zones: new Set([uuid]),
      withoutPool: pool !== '',
      alone: address.slice(address.lastIndexOf('/') + 1),
      startedAt: index.until,
      patienceNs: host === 'running' ? MINUTE_NS * 2 : patience(index, node),
    });
  return { ...base, watch: still ? undefined : watch, person };
}

function linkGoal(index: FactIndex, subject: Subject): Goal | undefined {
  const outage = presentOutage(index, subject);
  if (outage === undefined) return undefined;
  const flaps = outagesOf(historyOf(index, subject)).length > 2;
  const watch = () => linkWatch(subject.address, index.until, LINK_PATIENCE_NS);
  return {
    word: 'up',
    state: outage.last.state,
    watch: flaps ? watch : undefined,
    person: mender(index, outage.last.fact),
    zones: 0,
    node: subject.node,
    bootsNode: '',
  };
}
