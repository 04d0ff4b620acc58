/**
 * Why a pool is not ONLINE: the disks in it that are not well now, one chain each; a disk that healed is no reason.
 *
 * Rules. 1. The last change of each disk counts. The newest comes first, since it made the pool what it is; spares come last.
 *        2. When every disk is well, the cause that the pool's own fact names is all there is.
 */
import { causesOf } from './causes.ts';
import { isKind, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';

const WELL: readonly string[] = ['ONLINE', 'AVAIL', 'INUSE'];

/** Whether a vdev in that state does what it is for. */
export function vdevIsWell(state: string): boolean {
  return WELL.includes(state);
}

/** Disks that the specification gives a pool as spares. @param pool address */
export function spareNames(index: FactIndex, pool: string): readonly string[] {
  const [address = '', , name = ''] = pool.split('/');
  const node = index.datacenter.nodes.find((one) => one.address === address);
  return node?.pools.find((one) => one.name === name)?.spares ?? [];
}

/** Last change of each disk of a pool that is not well now, the newest first. @param pool address */
export function unwellVdevs(index: FactIndex, pool: string): Fact<'vdevStateChanged'>[] {
  const spares = spareNames(index, pool);
  const node = index.datacenter.nodes.find(({ address }) => address === pool.split('/')[0]);
  const disks = new Set(node?.disks.map((disk) => disk.name));
  const last = new Map<string, Fact<'vdevStateChanged'>>();
  for (const fact of index.of(pool, 'vdevStateChanged')) last.set(fact.payload.vdev, fact);
  const rank = ({ payload }: Fact<'vdevStateChanged'>) => (spares.includes(payload.vdev) ? 1 : 0);
  return [...last.values()]
    .filter(({ payload }) => disks.has(payload.vdev) && !vdevIsWell(payload.state))
    .sort((a, b) => rank(a) - rank(b) || b.n - a.n);
}

/** Chains of causes of what a pool said of itself, each beginning with that. The first leads to the root. */
export function poolChains(index: FactIndex, said: Fact): Fact[][] {
  const unwell = unwellVdevs(index, said.address);
  if (unwell.length === 0) return [causesOf(index, said)];
  return unwell.map((fact) => [said, ...causesOf(index, fact)]);
}

/** What a pool last said of itself when it serves nobody: that it is suspended, or could not be imported. */
export function outOfService(index: FactIndex, pool: string): Fact | undefined {
  if (pool === '') return undefined;
  const became = index.of(pool, 'poolStateChanged').at(-1);
  if (became?.payload.state === 'UNAVAIL') return became;
  const suspended = index.of(pool, 'poolSuspendedFact').at(-1);
  if (suspended?.payload.suspended !== true) return undefined;
  // A reboot ends it as well, and nothing says so but what the pool was after the import.
  return became === undefined || became.n < suspended.n ? suspended : undefined;
}

/** Whether a pool could not be imported at its node's last boot. @param pool address */
export function isMissing(index: FactIndex, pool: string): boolean {
  return isKind(outOfService(index, pool), 'poolStateChanged');
}

/** The pool that a running node is without, as an address; '' when it has all. */
export function missingPoolOf(index: FactIndex, node: string): string {
  const pools = index.datacenter.nodes.find(({ address }) => address === node)?.pools ?? [];
  return pools.map(({ name }) => `${node}/pool/${name}`).find((pool) => isMissing(index, pool)) ?? '';
}

/** When a disk of a pool first was not well from `from` on, ns; Infinity when none was. */
export function unwellSince(index: FactIndex, pool: string, from: number): number {
  if (pool === '') return Infinity;
  const change = index
    .of(pool, 'vdevStateChanged')
    .find(({ time, payload }) => time >= from && !vdevIsWell(payload.state));
  return change?.time ?? Infinity;
}
