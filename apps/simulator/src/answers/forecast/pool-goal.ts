/**
 * What a pool is waited for, and what of it only a person can do.
 *
 * Rules. 1. A suspended pool waits for a person: nothing clears it but zpool clear, and what it misses must be there first.
 *        2. A pool that misses a disk is ONLINE again only with another one. A free spare brings its data back, not the
 *           disk: without a resilver under way and without a spare, there is nothing that a fork could show.
 */
import type { FactIndex } from '../fact-index.ts';
import { poolOf, presentOutage, presentResilver } from '../history.ts';
import { spareNames, unwellVdevs } from '../pool-causes.ts';
import type { Subject } from '../subject.ts';
import type { Goal } from './goal.ts';
import { poolWatch } from './watch.ts';

/** Without news for so long, no spare is coming any more, ns. */
const PATIENCE_NS = 60_000_000_000;

/** @param pool address */
export function poolGoal(index: FactIndex, pool: string, subject: Subject): Goal | undefined {
  const resilver = presentResilver(index, pool);
  const outage = presentOutage(index, { ...subject, kind: 'pool', address: pool });
  if (resilver === undefined && outage === undefined) return undefined;
  const suspended = isSuspended(index, pool);
  const still = suspended || (resilver === undefined && !spareMayCome(index, pool));
  const watch = () =>
    poolWatch({
      pool,
      resilvering: resilver !== undefined,
      startedAt: index.until,
      patienceNs: PATIENCE_NS,
    });
  return {
    word: still ? 'ONLINE' : 'resilvered',
    state: outage?.last.state ?? 'ONLINE',
    watch: still ? undefined : watch,
    person: personOf(index, pool, suspended),
    zones: 0,
    node: subject.node,
    bootsNode: '',
  };
}

function personOf(index: FactIndex, pool: string, suspended: boolean): string {
  const node = pool.split('/')[0] ?? '';
  const bad = unwellVdevs(index, pool)
    .map(({ payload }) => `${node}/disk/${payload.vdev}`)
    .sort();
  if (bad.length === 0) return 'somebody to look at its disks (zpool status, zpool clear)';
  return `${newDisks(bad)}${suspended ? ' and then zpool clear' : ''}`;
}

/** What a person is asked for, by the addresses of the disks. */
export function newDisks(disks: readonly string[]): string {
  return `${disks.length === 1 ? 'a new disk' : 'new disks'} (disk.replace ${disks.join(', ')})`;
}

/** Whether a pool serves no I/O now. */
export function isSuspended(index: FactIndex, pool: string): boolean {
  return pool !== '' && index.of(pool, 'poolSuspendedFact').at(-1)?.payload.suspended === true;
}

/** Whether a spare is free, or no disk is out for which one would be needed: then all is still open. */
function spareMayCome(index: FactIndex, pool: string): boolean {
  const unwell = unwellVdevs(index, pool).map(({ payload }) => payload.vdev);
  if (unwell.length === 0) return true;
  const taken = new Set(unwell);
  for (const { payload } of index.of(pool, 'spareActivated')) taken.add(payload.spare);
  for (const { payload } of index.of(pool, 'spareReturned')) {
    if (!unwell.includes(payload.spare)) taken.delete(payload.spare);
  }
  return spareNames(index, pool).some((spare) => !taken.has(spare));
}

export function diskGoal(index: FactIndex, subject: Subject): Goal | undefined {
  if (presentOutage(index, subject) === undefined) return undefined;
  const name = subject.address.slice(subject.address.lastIndexOf('/') + 1);
  const fact = index.last(
    'vdevStateChanged',
    (one) => one.payload.vdev === name && one.address.startsWith(`${subject.node}/`),
  );
  return poolGoal(index, fact?.address ?? poolOf(index, subject), subject);
}
