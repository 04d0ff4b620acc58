/**
 * What a pool is waited for, and what of it only a person can do.
 *
 * Rules. 1. A pool that could not be imported waits for the disks that it misses and for a reboot, in the hands of a person;
 *           where new disks are in their place already, for a backup.
 *        2. A suspended pool waits for a person: nothing clears it but zpool clear, and what it misses must be there first.
 *        3. A pool that misses a disk is ONLINE again only with another one. A free spare brings its data back, not the
 *           disk: without a resilver under way and without a spare, there is nothing that a fork could show.
 */
import type { Fact } from '../fact.ts';
import type { FactIndex } from '../fact-index.ts';
import { poolOf, presentOutage, presentResilver } from '../history.ts';
import { isMissing, outOfService, spareNames, unwellVdevs } from '../pool-causes.ts';
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
  const out = outOfService(index, pool) !== undefined;
  const still = out || (resilver === undefined && !spareMayCome(index, pool));
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
    person: isMissing(index, pool) ? missedOf(index, pool) : personOf(index, pool, out),
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

/** Who brings back a pool that could not be imported, and whether anybody can. @param pool address */
export function missedOf(index: FactIndex, pool: string): string {
  const [node = '', , name] = pool.split('/');
  const missed = new Map(unwellVdevs(index, pool).map((fact) => [fact.payload.vdev, isAnother(index, fact)]));
  const vdevs = index.datacenter.nodes
    .find(({ address }) => address === node)
    ?.pools.find((one) => one.name === name)?.vdevs;
  const lost = vdevs?.find(
    ({ kind, disks }) =>
      disks.filter((disk) => missed.get(disk) === true).length > parityOf(kind, disks.length),
  );
  const named = (disks: readonly string[]) => disks.map((disk) => `${node}/disk/${disk}`);
  if (lost !== undefined) {
    const gone = lost.disks.filter((disk) => missed.get(disk) === true);
    return `somebody to make the pool anew from a backup: what was on ${named(gone).join(', ')} is lost`;
  }
  const back = [...missed.keys()].filter((disk) => missed.get(disk) === false).sort();
  return bringBack(node, named(back));
}

/** What a person is asked for whose pool could not be imported for want of disks, by their addresses. */
export function bringBack(node: string, disks: readonly string[]): string {
  const data = disks.length === 1 ? 'its data' : 'their data';
  return `somebody to bring back ${disks.join(', ')} with ${data}, and then to reboot ${node} (node.reset)`;
}

/** Whether another disk is in the place of one that a pool misses: without its label. */
function isAnother(index: FactIndex, { address, payload, time }: Fact<'vdevStateChanged'>): boolean {
  if (payload.aux === 'corrupted data') return true;
  const disk = `${address.split('/')[0]}/disk/${payload.vdev}`;
  return (index.of(disk, 'diskReplaced').at(-1)?.time ?? -1) >= time;
}

/** How many of its disks a vdev can do without. */
function parityOf(kind: string, disks: number): number {
  return kind.startsWith('raidz') ? Number(kind.slice(5)) : kind === 'mirror' ? disks - 1 : 0;
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
