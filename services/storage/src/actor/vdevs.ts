/** Questions about a pool's vdevs: who can be read, who is written to, who holds which slot. */
import { hash64 } from '@orrery/kernel';
import { usable } from './queue.ts';
import type { Leaf, PoolState, Slot, Top } from './state.ts';

/** The leaf that a slot is read from: the disk, else its spare; undefined when neither has the data. */
export function readable(state: PoolState, slot: Slot): Leaf | undefined {
  const disk = state.leaves[slot.disk];
  if (usable(disk) && !disk.stale) return disk;
  if (slot.spare < 0) return undefined;
  const spare = state.leaves[slot.spare];
  return usable(spare) && !spare.stale ? spare : undefined;
}

/** How many slots a vdev can do without. */
export function parityOf(top: Top): number {
  return top.kind.startsWith('raidz')
    ? Number(top.kind.slice(5))
    : top.kind === 'mirror'
      ? top.slots.length - 1
      : 0;
}

/** Whether all data of a vdev can be had. */
export function available(state: PoolState, top: Top): boolean {
  let missing = 0;
  for (const slot of top.slots) if (readable(state, slot) === undefined) missing++;
  return missing <= parityOf(top);
}

/** A vdev's guid, from its node, its disk's name and when it was made, ns: 32 bits of ZFS's 64. */
export function vdevGuid(node: string, name: string, madeAt: number): number {
  return hash64(`${node}/${name}@${madeAt}`)[0] >>> 0;
}

/** Where a leaf sits: its top-level vdev and slot; undefined for a spare that is not in use. */
export function seatOf(state: PoolState, leaf: number): { top: number; slot: number } | undefined {
  for (let t = 0; t < state.tops.length; t++) {
    const { slots } = state.tops[t];
    for (let s = 0; s < slots.length; s++) {
      if (slots[s].disk === leaf || slots[s].spare === leaf) return { top: t, slot: s };
    }
  }
  return undefined;
}

/** Allocates `size` bytes on each leaf of a vdev. @returns where */
export function allocate(top: Top, size: number): number {
  if (top.writeHead + size > top.reachBytes) top.writeHead = 0;
  const at = top.writeHead;
  top.writeHead += size;
  return at;
}

/** A leaf that was away lacks what was written meanwhile, unless nobody else has it either. */
export function noteStale(state: PoolState, leaf: Leaf): void {
  const seat = seatOf(state, leaf.index);
  if (leaf.stale || leaf.missedBytes === 0 || seat === undefined) return;
  leaf.stale = true;
  if (available(state, state.tops[seat.top])) return;
  leaf.stale = false;
  leaf.missedBytes = 0;
}
