/** eft, the rule engine for CPUs, memory, sensors and disk drivers; the rules are in model/eft-rules.ts. */
import type { Context } from '@orrery/actor';
import type { Ereport } from '@orrery/proto';
import { dimmRule } from '../model/dimm-rules.ts';
import { eftRules, type EftRule } from '../model/eft-rules.ts';
import { makeSerd, recordErrors } from '../model/serd.ts';
import { openCase, order, type CaseSubject } from '../cases.ts';
import { payloadNumber, payloadText, type CaseRecord, type FmdState } from '../state.ts';

/** Takes any ereport but ZFS's. */
export function diagnoseEft(context: Context, state: FmdState, ereport: Ereport): void {
  const dump = payloadNumber(ereport, 'crash', 0);
  const place = payloadNumber(ereport, 'page', payloadNumber(ereport, 'lba', dump));
  const rules = eftRules({
    class: ereport.class,
    detector: ereport.detector,
    place,
    assessment: payloadText(ereport, 'driver-assessment'),
  });
  for (const rule of rules) {
    if (!counts(state, rule, ereport)) continue;
    convict(context, state, rule, ereport, rule.agent === 'page' ? place : 0);
  }
  if (ereport.class.endsWith('.mem_ce')) countAgainstDimm(context, state, ereport);
}

/** @returns whether the rule's SERD, when it has one, fired with this ereport; a case already open needs no more counting */
function counts(state: FmdState, rule: EftRule, ereport: Ereport): boolean {
  if (rule.serd === undefined) return true;
  const key = keyOf(rule, ereport);
  if (state.cases.has(key)) return false;
  const serd = (state.serds[key] ??= makeSerd(rule.serd));
  if (!recordErrors(serd, ereport.noticedAt, ereport.count)) return false;
  delete state.serds[key];
  return true;
}

function convict(context: Context, state: FmdState, rule: EftRule, ereport: Ereport, page: number): void {
  const key = keyOf(rule, ereport);
  if (state.cases.has(key)) return;
  const record = openCase(context, state, subjectOf(state, rule, ereport, key, page), ereport);
  record.fault = rule.fault;
  record.agent = rule.agent;
  const dimm = state.dimms[ereport.detector];
  if (rule.agent === 'page' && dimm !== undefined) dimm.pages++;
  order(context, record, 'SOLVE', rule.message);
}

function countAgainstDimm(context: Context, state: FmdState, ereport: Ereport): void {
  const dimm = state.dimms[ereport.detector];
  if (dimm === undefined) return;
  const size = dimmRule(dimm.sizeBytes);
  if (dimm.pages <= size.pages) return;
  const family = ereport.class.split('.')[2];
  const fault = `fault.memory.${family}.dimm_ce`;
  const rule: EftRule = { fault, serd: size, within: '', message: true, agent: 'none' };
  if (counts(state, rule, ereport)) convict(context, state, rule, ereport, 0);
}

/** After a repair: a page is one faulty page less, any other part begins anew with all that was counted of it. */
export function forgetEftErrors(state: FmdState, record: CaseRecord): void {
  const dimm = state.dimms[record.resource];
  if (record.agent === 'page') {
    if (dimm !== undefined) dimm.pages = Math.max(0, dimm.pages - 1);
    return;
  }
  for (const key of Object.keys(state.serds)) {
    if (key.startsWith(`eft:${record.resource}:`)) delete state.serds[key];
  }
}

function keyOf(rule: EftRule, ereport: Ereport): string {
  return `eft:${ereport.detector}:${rule.fault}:${rule.within}`;
}

function subjectOf(state: FmdState, rule: EftRule, ereport: Ereport, key: string, page: number): CaseSubject {
  const { detector } = ereport;
  const [, kind, name] = detector.split('/');
  const disk = kind === 'disk' ? name : '';
  const pool = ereport.pool !== '' ? ereport.pool : poolOf(state, disk);
  const asru = asruOf(kind, name, rule.within);
  return { key, engine: 'eft', resource: detector, fru: detector, asru, pool, vdev: disk, page };
}

function asruOf(kind: string | undefined, name: string | undefined, within: string): string {
  if (kind === 'cpu') return `cpu:///cpuid=${name}`;
  if (kind === 'dimm') return `mem:///dimm=${name}${within === '' ? '' : `/${within}`}`;
  if (kind === 'disk') return `dev:///devices/${name}`;
  if (kind === undefined) return `sw:///:path=/var/crash/volatile/vmdump.${within.slice('crash='.length)}`;
  return `hc:///chassis=0/${kind}=${name}`;
}

function poolOf(state: FmdState, disk: string): string {
  return disk === '' ? '' : (state.pools.find((pool) => pool.disks.includes(disk))?.name ?? '');
}
