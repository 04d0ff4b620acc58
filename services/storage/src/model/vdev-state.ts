/**
 * A vdev's state follows from its children's; a pool is as good as its worst top-level vdev allows.
 *
 * Rules.  1. A child is faulted when it cannot be read or written, degraded when it is not healthy.
 *         2. mirror (spare, replacing): all children faulted: UNAVAIL, no replicas; some faulted or degraded: DEGRADED.
 *         3. raidzP: more than P faulted: UNAVAIL; any faulted or degraded: DEGRADED.
 *         4. Pool: a top-level vdev UNAVAIL: UNAVAIL; a log UNAVAIL only degrades; any DEGRADED: DEGRADED.
 */
export type VdevState = 'ONLINE' | 'DEGRADED' | 'FAULTED' | 'OFFLINE' | 'REMOVED' | 'UNAVAIL';

export interface ChildState {
  state: VdevState;
  /** Readable and writable. */
  usable: boolean;
}

/** State of an interior vdev that survives `tolerance` faulted children. */
export function interiorState(children: readonly ChildState[], tolerance: number): VdevState {
  let faulted = 0;
  let degraded = 0;
  let offline = 0;
  for (const child of children) {
    if (!child.usable) faulted++;
    else if (child.state !== 'ONLINE') degraded++;
    if (child.state === 'OFFLINE') offline++;
  }
  if (offline === children.length) return 'OFFLINE';
  if (faulted > tolerance) return 'UNAVAIL';
  return faulted + degraded > 0 ? 'DEGRADED' : 'ONLINE';
}

/** State of a pool. @param tops top-level vdevs, logs marked */
export function poolHealth(tops: readonly { state: VdevState; log: boolean; usable: boolean }[]): VdevState {
  let worst: VdevState = 'ONLINE';
  for (const top of tops) {
    if (!top.usable && !top.log) return 'UNAVAIL';
    if (!top.usable || top.state !== 'ONLINE') worst = 'DEGRADED';
  }
  return worst;
}

/** How many children an interior vdev can do without. */
export function toleranceOf(kind: string, children: number): number {
  if (kind === 'mirror' || kind === 'spare' || kind === 'replacing') return children - 1;
  if (kind.startsWith('raidz')) return Number(kind.slice(5));
  return 0;
}
