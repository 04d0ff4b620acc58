/** States of leaves, top-level vdevs and the pool: each change is a fact, and the pool's statechart hears of its health. */
import type { Context } from '@orrery/actor';
import {
  interiorState,
  poolHealth,
  toleranceOf,
  type ChildState,
  type VdevState,
} from '../model/vdev-state.ts';
import { postPoolEreport, postResource } from './ereports.ts';
import { usable } from './queue.ts';
import type { Leaf, PoolState, Slot, Top } from './state.ts';
import { available } from './vdevs.ts';

/** Sets a leaf's state, as `zpool status` shows it; nothing happens when it is that already. */
export function setLeafState(
  context: Context,
  state: PoolState,
  leaf: Leaf,
  next: VdevState,
  aux: string,
): void {
  leaf.aux = aux;
  if (leaf.state === next) return;
  const before = leaf.state;
  leaf.state = next;
  leaf.unsynced = state.suspended;
  context.emit('vdevStateChanged', {
    pool: state.name,
    vdev: leaf.name,
    stateBefore: before,
    state: next,
    aux,
  });
  tellDisk(context, leaf);
  // A new disk is no news to fault management before it holds the old one's data.
  if (next === 'ONLINE' && leaf.replacing) return;
  postResource(context, state, leaf, next === 'REMOVED' ? 'removed' : 'statechange');
}

/** Tells a disk's own actor what the pool holds of it. */
export function tellDisk(context: Context, leaf: Leaf): void {
  const shown =
    leaf.role === 'spare' && leaf.state === 'ONLINE' ? (leaf.inUse ? 'INUSE' : 'AVAIL') : leaf.state;
  if (leaf.actor !== 0) context.send(leaf.actor, 'leafStated', { state: shown });
}

/** Child of an interior vdev that a slot is: its disk, or a spare or replacing vdev. */
export function slotState(state: PoolState, slot: Slot): ChildState {
  const disk = childOf(state.leaves[slot.disk]);
  const own: ChildState = state.leaves[slot.disk].replacing
    ? { state: 'DEGRADED', usable: disk.usable }
    : disk;
  if (slot.spare < 0) return own;
  const spare = childOf(state.leaves[slot.spare]);
  return { state: interiorState([own, spare], 1), usable: own.usable || spare.usable };
}

function childOf(leaf: Leaf): ChildState {
  return { state: leaf.state, usable: usable(leaf) && !leaf.stale };
}

/** Works the states of all vdevs out from their leaves, and the pool's from theirs. */
export function propagate(context: Context, state: PoolState): void {
  for (const top of state.tops) propagateTop(context, state, top);
  if (!state.imported) return;
  const tops = state.tops.map((top) => ({ state: top.state, log: top.log, usable: available(state, top) }));
  const health = poolHealth(tops);
  if (health === 'UNAVAIL') return suspend(context, state);
  if (state.suspended) return;
  context.dispatch({ type: health === 'ONLINE' ? 'ONLINE' : 'DEGRADED' });
}

function propagateTop(context: Context, state: PoolState, top: Top): void {
  const children = top.slots.map((slot) => slotState(state, slot));
  const [only] = children;
  const lost = top.kind === 'disk' && !only.usable;
  const next =
    top.kind === 'disk'
      ? lost
        ? 'UNAVAIL'
        : only.state
      : interiorState(children, toleranceOf(top.kind, children.length));
  if (next === top.state) return;
  const stateBefore = top.state;
  top.state = next;
  if (top.kind === 'disk') return;
  const aux = next === 'UNAVAIL' ? 'insufficient replicas' : '';
  context.emit('vdevStateChanged', { pool: state.name, vdev: top.name, stateBefore, state: next, aux });
}

/** failmode=wait: nothing fails, everything waits for `zpool clear`. */
function suspend(context: Context, state: PoolState): void {
  if (state.suspended) return;
  state.suspended = true;
  // No txg syncs, so no resilver goes on; it begins anew when the pool does.
  state.resilver = null;
  context.dispatch({ type: 'SUSPEND' });
  postPoolEreport(context, state, 'io_failure');
  announce(context, state);
}

/** Says that the pool stopped or goes on. */
export function announce(context: Context, state: PoolState): void {
  const payload = { pool: state.name, suspended: state.suspended };
  context.emit('poolSuspendedFact', payload);
  if (state.os !== 0) context.send(state.os, 'poolSuspended', payload);
}

/** After a clear: the pool goes on when every vdev has its data again. @returns whether it does */
export function resume(context: Context, state: PoolState): boolean {
  if (!state.suspended || !state.dataTops.every((index) => available(state, state.tops[index]))) return false;
  state.suspended = false;
  for (const leaf of state.leaves) leaf.unsynced = false;
  const degraded = state.tops.some((top) => top.state !== 'ONLINE');
  context.dispatch({ type: 'RESUME', degraded } as { type: string });
  announce(context, state);
  return true;
}
