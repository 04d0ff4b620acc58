/** What every rule of `slow` is handed: who is slow, now and baseline, and where its disks and neighbours are. */
import type { Behind, Place } from '@orrery/proto';
import type { Root, Step } from '../answer.ts';
import type { FactIndex } from '../fact-index.ts';
import { poolOf } from '../history.ts';
import { reportsOf } from '../errors-seen.ts';
import { refOf, type Fact } from '../fact.ts';
import type { Subject } from '../subject.ts';
import { compare, nowBefore, type Stretch } from './baseline.ts';
import { wellUntil } from './well-until.ts';
import { perRequest, type Served } from './served.ts';

export interface SlowContext {
  readonly index: FactIndex;
  readonly subject: Subject;
  readonly now: Served;
  readonly baseline: Served;
  readonly stretches: readonly Stretch[];
  /** Address; '' for a client. */
  readonly pool: string;
  /** When "now" began, ns. */
  readonly nowFrom: number;
}

/** An account of the ledger, and what it takes of a mean request more than at the baseline, ns. */
export interface GrownAccount {
  readonly place: Place;
  readonly behind: Behind;
  readonly zone: number;
  readonly ns: number;
}

/** Why an account grew. */
export interface Reason {
  /** What is seen, after the account's name: `6.1 reads a request go to disk, were 0.2`. */
  detail: string;
  because: Step[];
  root: Root;
  /** The callee where the time really goes; undefined: the subject itself. */
  at?: SlowContext;
}

/** Undefined without a baseline. @param index without injections */
export function contextOf(index: FactIndex, subject: Subject): SlowContext | undefined {
  const reports = reportsOf(index, subject);
  const since = wellUntil(index, subject, reports[0]?.payload.from ?? 0);
  const compared = compare(reports, index.until, since);
  if (compared === undefined) return undefined;
  return { index, subject, ...compared, pool: poolOf(index, subject), nowFrom: nowBefore(index.until).from };
}

/** Accounts of a mean request that grew, largest first. */
export function grownAccounts(now: Served, baseline: Served): GrownAccount[] {
  const grown: GrownAccount[] = [];
  for (const { place, behind, zone, ns } of now.ledger) {
    const before = baseline.ledger.find(
      (one) => one.place === place && one.behind === behind && one.zone === zone,
    );
    const growth = perRequest(ns, now) - perRequest(before?.ns ?? 0, baseline);
    if (growth > 0) grown.push({ place, behind, zone, ns: growth });
  }
  return grown.sort((a, b) => b.ns - a.ns || a.place - b.place || a.behind - b.behind || a.zone - b.zone);
}

/** A step on the last report of a stretch, or on the subject's last one. */
export function servedStep(
  context: SlowContext,
  text: string,
  depth = 0,
  served: Served = context.now,
): Step {
  const fact = served.fact ?? context.now.fact;
  return {
    time: fact?.time ?? context.index.until,
    text,
    fact: fact === undefined ? '' : refOf(fact),
    depth,
  };
}

export function factStep(fact: Fact, text: string, depth: number): Step {
  return { time: fact.time, text, fact: refOf(fact), depth };
}
