/** Requests that fail now: how many, where, and at which VM the trouble lies. */
import { formatNs } from '@orrery/spec';
import { nodeState, poolOf, vmStateOf } from './history.ts';
import { calleesOf } from './callees.ts';
import type { Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { counted } from './part-name.ts';
import { outOfService } from './pool-causes.ts';
import { cutOffBy } from './reach.ts';
import { nowBefore } from './slow/baseline.ts';
import { servedIn, type Served, type ServedFact } from './slow/served.ts';
import { failureWords, type FailureWords } from './failures.ts';
import { stalledOf } from './stalled.ts';
import { vmSubject, type Subject } from './subject.ts';

export interface ErrorsSeen {
  headline: string;
  text: string;
  failed: number;
  all: number;
  /** None failed, but none ends. */
  stalled: boolean;
  /** A limit of its own that it runs into. */
  own: FailureWords | undefined;
  fact: Fact;
  /** The VM that does not answer. */
  culprit: Subject | undefined;
  /** How the culprit is come by: what it `calls` itself, or `depends on`. */
  calls: 'calls' | 'depends on';
  /** What else is known to make errors. */
  because: Fact | undefined;
}

/** Least share of requests that fail for it to be a symptom. */
const SHARE_MIN = 0.01;

/** Failed or stalled requests of the last half minute; undefined when there are too few to speak of. */
export function findErrors(index: FactIndex, subject: Subject): ErrorsSeen | undefined {
  const { from, to } = nowBefore(index.until);
  const served = servedIn(reportsOf(index, subject), from, to);
  const { failed, all } = countOf(subject, served);
  if (served.fact === undefined || failed === 0 || failed < all * SHARE_MIN) return findStall(index, subject);
  const own = ownReason(subject, served);
  return {
    headline: `fails ${Math.max(1, Math.round((failed * 100) / all))} % of its requests${own === undefined ? '' : `: ${own.text}`}`,
    text: `${counted(failed, 'failed request')} of ${all} in ${Math.round((to - from) / 1e9)} s${kinds(served)}`,
    failed,
    all,
    stalled: false,
    own,
    fact: served.fact,
    ...culpritSeen(index, subject, own === undefined),
    because: lostData(index, subject) ?? brokenWay(index),
  };
}

function findStall(index: FactIndex, subject: Subject): ErrorsSeen | undefined {
  const stalled = stalledOf(index, subject);
  if (stalled === undefined) return undefined;
  const { inFlight, oldestNs, fact } = stalled;
  const hand = `${counted(inFlight, 'request')} in hand, the oldest for ${formatNs(oldestNs)}`;
  return {
    headline: `ends no request: ${hand}`,
    text: `no request ends, ${hand}`,
    failed: inFlight,
    all: inFlight,
    stalled: true,
    own: undefined,
    fact,
    ...culpritSeen(index, subject, true),
    because: lostData(index, subject) ?? brokenWay(index),
  };
}

function culpritSeen(
  index: FactIndex,
  subject: Subject,
  failing: boolean,
): Pick<ErrorsSeen, 'culprit' | 'calls'> {
  const culprit = culpritOf(index, subject) ?? (failing ? failingCallee(index, subject) : undefined);
  const direct = askedBy(index, subject).includes(culprit?.vm?.uuid ?? '');
  return { culprit, calls: direct ? 'calls' : 'depends on' };
}

/** What most of its failures are for, when that is a limit of its own. */
function ownReason(subject: Subject, { failures }: Served): FailureWords | undefined {
  const most = [...failures].sort((a, b) => b.count - a.count)[0];
  return most === undefined ? undefined : failureWords(subject, most.reason);
}

/** Of those it asks, the one that runs and fails or stalls itself. */
function failingCallee(index: FactIndex, subject: Subject): Subject | undefined {
  const { from, to } = nowBefore(index.until);
  let worst: { callee: Subject; failed: number } | undefined;
  for (const uuid of askedBy(index, subject)) {
    const callee = vmSubject(index, uuid);
    if (callee === undefined || callee.address === subject.address) continue;
    const { failed, all } = countOf(callee, servedIn(reportsOf(index, callee), from, to));
    const stuck = stalledOf(index, callee)?.inFlight ?? 0;
    const bad = failed >= all * SHARE_MIN ? Math.max(failed, stuck) : stuck;
    if (bad > (worst?.failed ?? 0)) worst = { callee, failed: bad };
  }
  return worst?.callee;
}

/** The reports of a VM, of a client, or of every client of a VM. */
export function reportsOf(index: FactIndex, subject: Subject): readonly ServedFact[] {
  if (subject.kind === 'vm') return index.of(subject.address, 'zoneServed');
  if (subject.kind === 'client') return index.of(subject.address, 'clientServed');
  return [];
}

/** A client counts what it gave up; a VM what it ended with an error, and what it refused. */
function countOf({ kind }: Subject, { errors, refused, ended }: Served): { failed: number; all: number } {
  return kind === 'client'
    ? { failed: errors, all: ended }
    : { failed: errors + refused, all: ended + refused };
}

function kinds({ refused, timeouts, failures }: Served): string {
  if (failures.length > 0) {
    const sorted = [...failures].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
    return ` (${sorted.map(({ reason, count }) => `${count} ${reason}`).join(', ')})`;
  }
  const parts = [refused > 0 ? `${refused} refused` : '', timeouts > 0 ? `${timeouts} calls timed out` : ''];
  const shown = parts.filter((part) => part !== '');
  return shown.length === 0 ? '' : ` (${shown.join(', ')})`;
}

/** The first VM that it asks, directly or through others, that cannot answer. */
export function culpritOf(index: FactIndex, subject: Subject): Subject | undefined {
  const waiting = askedBy(index, subject);
  const seen = new Set<string>();
  for (let uuid = waiting.shift(); uuid !== undefined; uuid = waiting.shift()) {
    if (seen.has(uuid)) continue;
    seen.add(uuid);
    const callee = vmSubject(index, uuid);
    if (callee === undefined) continue;
    if (silent(index, callee)) return callee;
    waiting.push(...calleesOf(index.datacenter, uuid).map((one) => one.uuid));
  }
  return undefined;
}

function askedBy(index: FactIndex, subject: Subject): string[] {
  if (subject.kind === 'vm')
    return calleesOf(index.datacenter, subject.vm?.uuid ?? '').map(({ uuid }) => uuid);
  const name = subject.address.slice(subject.address.indexOf('/') + 1);
  return [...(index.datacenter.workloads.find((workload) => workload.name === name)?.to ?? [])];
}

/** Whether nobody gets an answer from that VM now. */
export function silent(index: FactIndex, vm: Subject): boolean {
  if (nodeState(index, vm.node) !== 'running' || vmStateOf(index, vm) !== 'running') return true;
  if (outOfService(index, poolOf(index, vm)) !== undefined) return true;
  return cutOffBy(index, vm.node, vm.vm?.spec) !== undefined;
}

function lostData(index: FactIndex, subject: Subject): Fact | undefined {
  const uuid = subject.vm?.uuid;
  if (uuid === undefined) return undefined;
  return index.last('dataLost', (fact) => fact.payload.dataset.includes(uuid));
}

function brokenWay(index: FactIndex): Fact | undefined {
  const loss = index.ofKind('linkLossChanged').at(-1);
  return loss !== undefined && loss.payload.lossPerMillion > 0 ? loss : undefined;
}
