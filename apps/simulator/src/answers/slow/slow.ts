/**
 * Slow: which accounts of a subject's ledger grew since its baseline, to which part they belong, and why that part is so.
 *
 * Rules. 1. It reasons from facts that the datacenter itself could know: injections are taken out before anything is read.
 *        2. Growths are listed from 5 % of the whole on; accounts with one root are one growth.
 *        3. An account that only follows from others (requests that stay longer wait longer for a worker) goes to the
 *           largest of these.
 */
import { formatNs } from '@orrery/spec';
import type { Place } from '@orrery/proto';
import type { Growth, SlowAnswer } from '../answer.ts';
import type { FactIndex } from '../fact-index.ts';
import { nodeState, vmStateOf } from '../history.ts';
import { vmSubject, type Subject } from '../subject.ts';
import {
  contextOf,
  factStep,
  grownAccounts,
  servedStep,
  type GrownAccount,
  type Reason,
  type SlowContext,
} from './context.ts';
import { unanswered } from './network-rules.ts';
import { diskReason } from './storage-rules.ts';
import { counted } from '../part-name.ts';
import { stalledOf, type Stalled } from '../stalled.ts';
import { outlookOf } from './outlook.ts';
import { placeWords } from './places.ts';
import { reasonOf } from './rules.ts';
import { meanNs } from './served.ts';

/** Slow from this ratio of the means on. */
export const SLOW_RATIO = 1.2;
/** Least share of the growth that is worth a line. */
const SHARE_MIN = 0.05;

export function slow(full: FactIndex, subject: Subject): SlowAnswer {
  const index = full.withoutInjections();
  if (subject.kind !== 'vm' && subject.kind !== 'client') return slowestOn(index, subject);
  const context = contextOf(index, subject);
  if (
    subject.kind === 'vm' &&
    (nodeState(index, subject.node) !== 'running' || vmStateOf(index, subject) !== 'running')
  ) {
    return said(index, subject, 'down', `${subject.name} is not slow: it is down. Ask why.`);
  }
  if (context === undefined) {
    return said(index, subject, 'no baseline', `${subject.name} has served too little to have a baseline.`);
  }
  return compared(context);
}

/** Of the VMs of a node or a pool, the one that is slowest beside its baseline. */
function slowestOn(index: FactIndex, subject: Subject): SlowAnswer {
  let slowest: { context: SlowContext; ratio: number } | undefined;
  for (const vm of vmsOn(index, subject)) {
    const context = contextOf(index, vm);
    if (context === undefined || context.now.ended === 0) continue;
    const ratio = meanNs(context.now) / Math.max(1, meanNs(context.baseline));
    if (ratio > (slowest?.ratio ?? 0)) slowest = { context, ratio };
  }
  if (slowest === undefined) return said(index, subject, 'idle', `No VM of ${subject.name} serves anything.`);
  const answer = compared(slowest.context);
  return { ...answer, subject, headline: `${subject.name}: ${answer.headline}` };
}

function vmsOn(index: FactIndex, subject: Subject): Subject[] {
  const uuids = new Set<string>();
  for (const { address } of index.ofKind('zoneServed')) {
    if (subject.node !== '' && address.startsWith(`${subject.node}/zone/`)) {
      uuids.add(address.slice(address.lastIndexOf('/') + 1));
    }
  }
  return [...uuids].sort().flatMap((uuid) => vmSubject(index, uuid) ?? []);
}

function compared(context: SlowContext): SlowAnswer {
  const { index, subject, now, baseline } = context;
  if (now.ended === 0) {
    const stalled = stalledOf(index, subject);
    if (stalled !== undefined) return standing(context, stalled);
    return said(index, subject, 'idle', `${subject.name} has ended no request in the last half minute.`);
  }
  const nowNs = meanNs(now);
  const baselineNs = meanNs(baseline);
  const ratio = baselineNs === 0 ? 1 : nowNs / baselineNs;
  const means = `mean ${formatNs(Math.round(nowNs))}, was ${formatNs(Math.round(baselineNs))}`;
  if (ratio < SLOW_RATIO) {
    const answer = said(index, subject, 'not slow', `${subject.name} is not slow: ${means}.`);
    return { ...answer, nowNs, baselineNs };
  }
  const groups = groupsOf(context, nowNs - baselineNs);
  const growths = groups.map(growthOf);
  return {
    ...said(
      index,
      subject,
      'slow',
      `${subject.name} is ${ratio.toFixed(1)} × slower than its baseline: ${means}.`,
    ),
    nowNs,
    baselineNs,
    growths,
    root: growths[0]?.root,
    outlook: outlookOf(groups.map(({ reason }) => ({ context: reason.at ?? context, root: reason.root }))),
  };
}

/** Nothing ended, so no ledger says where the time goes: what is known of its callees and disks must do. */
function standing(context: SlowContext, { inFlight, oldestNs, fact }: Stalled): SlowAnswer {
  const { index, subject, baseline } = context;
  const baselineNs = meanNs(baseline);
  const hand = `${counted(inFlight, 'request')} in hand, the oldest for ${formatNs(oldestNs)}`;
  const reason = unanswered(context) ?? diskReason(context);
  const step = factStep(fact, hand, 0);
  const unknown = { kind: 'unknown' as const, part: subject.address, text: hand, fact: step.fact };
  const root = reason?.root ?? unknown;
  const text = reason === undefined ? hand : `${hand}: ${reason.detail}`;
  return {
    ...said(
      index,
      subject,
      'slow',
      `${subject.name} ends no request: ${hand}, mean was ${formatNs(Math.round(baselineNs))}.`,
    ),
    nowNs: oldestNs,
    baselineNs,
    growths: [{ ns: oldestNs, text, because: reason?.because ?? [step], root }],
    root,
  };
}

interface Group {
  ns: number;
  places: Place[];
  reason: Reason;
}

function groupsOf(context: SlowContext, whole: number): Group[] {
  const groups = new Map<string, Group>();
  const following: GrownAccount[] = [];
  for (const account of grownAccounts(context.now, context.baseline)) {
    const worth = account.ns >= whole * SHARE_MIN;
    const reason = worth ? reasonOf(context, account) : undefined;
    if (reason === undefined) {
      if (worth) following.push(account);
      continue;
    }
    const key = `${reason.root.kind} ${reason.root.part}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ns: account.ns, places: [account.place], reason });
    else {
      group.ns += account.ns;
      group.places.push(account.place);
    }
  }
  const sorted = [...groups.values()].sort((a, b) => b.ns - a.ns);
  follow(context, sorted, following);
  return sorted;
}

function growthOf({ ns, places, reason }: Group): Growth {
  const where = reason.at === undefined ? '' : `in ${reason.at.subject.name}: `;
  return {
    ns,
    text: `${where}${placeWords(places)}: ${reason.detail}`,
    because: reason.because,
    root: reason.root,
  };
}

/** Gives what has no reason of its own to the largest growth that has one. */
function follow(context: SlowContext, groups: Group[], following: readonly GrownAccount[]): void {
  if (following.length === 0) return;
  const first = groups[0];
  if (first !== undefined) {
    for (const { ns, place } of following) {
      first.ns += ns;
      first.places.push(place);
    }
    return;
  }
  const ns = following.reduce((sum, account) => sum + account.ns, 0);
  const step = servedStep(context, 'nothing else changed');
  const root = { kind: 'unknown' as const, part: context.subject.address, text: step.text, fact: step.fact };
  groups.push({
    ns,
    places: following.map(({ place }) => place),
    reason: { detail: step.text, because: [step], root },
  });
}

function said(
  index: FactIndex,
  subject: Subject,
  verdict: SlowAnswer['verdict'],
  headline: string,
): SlowAnswer {
  const none = { nowNs: 0, baselineNs: 0, growths: [], root: undefined, outlook: [] };
  return { question: 'slow', subject, at: index.until, verdict, headline, ...none };
}
