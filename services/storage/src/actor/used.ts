/** How many bytes a pool and each leaf of it hold. */
import { usedOwn } from '../model/dataset.ts';
import { leafBytes, vdevShare } from '../model/txg.ts';
import type { PoolState } from './state.ts';

/** Bytes of data in the pool, without parity, copies and what is only reserved. */
export function dataBytes(state: PoolState): number {
  let bytes = 0;
  for (const dataset of state.tree.values()) {
    const own = usedOwn(dataset);
    const held = dataset.referenced - dataset.fromOrigin;
    bytes += held >= dataset.refreservation ? own : own - dataset.refreservation + held;
  }
  return bytes;
}

/** Bytes that a leaf of top-level vdev `top` holds; a log's are negligible. */
export function leafUsed(state: PoolState, top: number): number {
  const vdev = state.tops[top];
  if (vdev.log) return 0;
  const share = vdevShare(dataBytes(state), state.dataTops.indexOf(top), state.dataTops.length);
  return leafBytes(vdev.kind, vdev.slots.length, share);
}
