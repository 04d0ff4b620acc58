/** How the manager opens cases, and what it tells them. */
import type { Context } from '@orrery/actor';
import type { Ereport } from '@orrery/proto';
import type { CaseInit } from './case-actor.ts';
import type { CaseEvent } from './machine/case.ts';
import { caseUuid } from './model/case-uuid.ts';
import { REMOVE_TIMEOUT_NS } from './model/zfs-rules.ts';
import type { CaseRecord, FmdState } from './state.ts';

export interface CaseSubject {
  key: string;
  engine: CaseRecord['engine'];
  resource: string;
  fru: string;
  asru: string;
  pool: string;
  vdev: string;
  page: number;
}

/** The case of that key, opened by `ereport` when there is none. */
export function openCase(
  context: Context,
  state: FmdState,
  subject: CaseSubject,
  ereport: Ereport,
): CaseRecord {
  const known = state.cases.get(subject.key);
  if (known !== undefined) return known;
  const number = ++state.caseCount;
  const uuid = caseUuid(state.node, number);
  const init: CaseInit = {
    key: subject.key,
    manager: context.self,
    uuid,
    engine: subject.engine,
    resource: subject.resource,
    fru: subject.fru,
    asru: subject.asru,
    firstEreportAt: ereport.noticedAt,
    removeTimeoutNs: REMOVE_TIMEOUT_NS,
  };
  const record: CaseRecord = {
    key: subject.key,
    actor: context.spawn('case', `case/${number}`, init),
    uuid,
    engine: subject.engine,
    fault: '',
    state: 'UNSOLVED',
    resource: subject.resource,
    pool: subject.pool,
    vdev: subject.vdev,
    page: subject.page,
    agent: 'none',
  };
  state.cases.set(subject.key, record);
  return record;
}

/** Tells a case what to do next; it answers with a `caseReport` when its state changes. */
export function order(context: Context, record: CaseRecord, event: CaseEvent['type'], message = true): void {
  context.send(record.actor, 'caseOrder', { event, faultClass: record.fault, message });
}
