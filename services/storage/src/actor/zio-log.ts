/** ZIL blocks: to the SLOG while it is there and healthy, else to the pool's own disks; to every leaf of a mirror. */
import { IoClass } from '../model/io-class.ts';
import { leafBytes } from '../model/txg.ts';
import { submit, usable } from './queue.ts';
import { Purpose, type Leaf, type PoolState, type Slot, type Top, type Zio } from './state.ts';
import { allocate, available, parityOf } from './vdevs.ts';
import type { Issued } from './zio-read.ts';

/** Tries of the pool's own disks after an error. */
const TRIES_MAX = 4;

export function attemptLog(state: PoolState, zio: Zio): Issued {
  const slogs = zio.tried === 0 ? state.logTops.filter((index) => available(state, state.tops[index])) : [];
  const candidates = slogs.length > 0 ? slogs : state.dataTops;
  const index = candidates[state.logCount++ % candidates.length];
  const top = state.tops[index];
  if (!available(state, top) || zio.tried >= TRIES_MAX) return 'parked';
  zio.tried++;
  zio.top = index;
  writeTop(state, top, zio);
  return 'issued';
}

function writeTop(state: PoolState, top: Top, zio: Zio): void {
  const sectors = Math.ceil(zio.size / state.ashiftBytes) * state.ashiftBytes;
  const share = leafBytes(top.kind, top.slots.length, sectors);
  const size = Math.ceil(share / state.ashiftBytes) * state.ashiftBytes;
  const lba = allocate(top, size);
  for (const slot of top.slots) {
    for (const leaf of writers(state, slot)) {
      zio.unresolved++;
      submit(state, {
        leaf: leaf.index,
        purpose: Purpose.USER,
        ioClass: IoClass.SYNC_WRITE,
        write: true,
        flush: true,
        lba,
        size,
        issuedAt: zio.at,
        zone: zio.zone,
        parent: zio,
      });
    }
  }
  // A raidz block that lacks no more than its parity can be read back.
  if (top.kind.startsWith('raidz')) zio.rounds = top.slots.length - parityOf(top);
}

/** Leaves of a slot that take writes; one that cannot misses them. */
export function writers(state: PoolState, slot: Slot): Leaf[] {
  const leaves: Leaf[] = [];
  if (usable(state.leaves[slot.disk])) leaves.push(state.leaves[slot.disk]);
  if (slot.spare >= 0 && usable(state.leaves[slot.spare])) leaves.push(state.leaves[slot.spare]);
  return leaves;
}
