/** zfs-diagnosis: one case for each (pool, vdev guid), so a new disk in an old place begins anew; the rules are in model/zfs-rules.ts. */
import type { Context } from '@orrery/actor';
import type { Ereport, ResourceEvent } from '@orrery/proto';
import { makeSerd, recordErrors } from '../model/serd.ts';
import { ZFS_SERDS, zfsRule, type ZfsRule, type ZfsSerdName } from '../model/zfs-rules.ts';
import { openCase, order, type CaseSubject } from '../cases.ts';
import { payloadNumber, payloadText, type CaseRecord, type FmdState } from '../state.ts';

/** Takes an ereport of class `ereport.fs.zfs.*`. */
export function diagnoseZfs(context: Context, state: FmdState, ereport: Ereport): void {
  // A replayed ereport is older than the pool's load, which came with the boot.
  if (ereport.replayed) return;
  const rule = zfsRule({
    class: ereport.class,
    failmode: payloadText(ereport, 'pool_failmode'),
    context: payloadText(ereport, 'pool_context'),
    vdevType: payloadText(ereport, 'vdev_type'),
    vdevState: payloadText(ereport, 'vdev_state'),
    inactiveSpare: payloadNumber(ereport, 'vdev_spare', 0) === 1,
  });
  if (rule === undefined) return;
  const vdev = rule.act === 'solve' && rule.scope === 'pool' ? '' : ereport.vdev;
  const record = openCase(context, state, subjectOf(state, ereport, vdev), ereport);
  if (record.state !== 'UNSOLVED') return;
  follow(context, state, record, rule, ereport);
}

function follow(
  context: Context,
  state: FmdState,
  record: CaseRecord,
  rule: ZfsRule,
  ereport: Ereport,
): void {
  if (rule.act === 'attach') return;
  if (rule.act === 'serd') {
    const serd = (state.serds[serdKey(record.key, rule.serd)] ??= makeSerd(ZFS_SERDS[rule.serd]));
    if (!recordErrors(serd, ereport.noticedAt, ereport.count)) return;
  }
  if (rule.act === 'solve' && rule.fault === 'fault.fs.zfs.pool')
    closeDeviceCases(context, state, record.pool);
  const waits = rule.act === 'wait' || (rule.act === 'serd' && rule.wait);
  // A wait that already runs is not begun again; what solves at once still goes ahead of it.
  record.fault = rule.fault;
  record.agent = 'zfs';
  order(context, record, waits ? 'WAIT' : 'SOLVE');
}

/** Takes `resource.fs.zfs.*`; repairing on a healthy state is the retire agent's. */
export function noteZfsResource(context: Context, state: FmdState, event: ResourceEvent): void {
  for (const record of casesOf(state, event)) {
    if (event.class === 'resource.fs.zfs.removed') {
      forgetZfsErrors(state, record.key);
      if (record.state === 'UNSOLVED') order(context, record, 'REMOVED');
    }
    if (event.class === 'resource.fs.zfs.autoreplace') order(context, record, 'CLOSE');
  }
}

/** Cases of whatever is or was in a vdev's place. */
export function casesOf(state: FmdState, { pool, vdev }: ResourceEvent): CaseRecord[] {
  const all = [...state.cases.values()];
  return all.filter(
    (record) => record.engine === 'zfs-diagnosis' && record.pool === pool && record.vdev === vdev,
  );
}

/** Empties the SERD engines of a case. */
export function forgetZfsErrors(state: FmdState, key: string): void {
  for (const name of Object.keys(ZFS_SERDS) as ZfsSerdName[]) delete state.serds[serdKey(key, name)];
}

/** The manager's name for the case of a leaf vdev, or of a pool (vdev '', guid 0). */
function caseKey(pool: string, vdev: string, guid: number): string {
  return `zfs:${pool}/${vdev}#${guid}`;
}

function serdKey(key: string, name: ZfsSerdName): string {
  return `${key}:${name}`;
}

function closeDeviceCases(context: Context, state: FmdState, pool: string): void {
  for (const record of state.cases.values()) {
    if (record.pool === pool && record.vdev !== '' && record.fault === 'fault.fs.zfs.device') {
      order(context, record, 'CLOSE');
    }
  }
}

function subjectOf(state: FmdState, ereport: Ereport, vdev: string): CaseSubject {
  const { pool } = ereport;
  const resource = vdev === '' ? `${state.node}/pool/${pool}` : `${state.node}/disk/${vdev}`;
  const asru = vdev === '' ? `zfs://pool=${pool}` : `zfs://pool=${pool}/vdev=${vdev}`;
  const fru = vdev === '' ? '' : resource;
  const key = caseKey(pool, vdev, vdev === '' ? 0 : payloadNumber(ereport, 'vdev_guid', 0));
  return { key, engine: 'zfs-diagnosis', resource, fru, asru, pool, vdev, page: 0 };
}
