/** A pool's picture for `zpool status`, from the state of its actor. */
import { formatTime } from '@orrery/spec';
import type { PoolPicture, RowPicture } from '../model/status.ts';
import { slotState } from './health.ts';
import { usable } from './queue.ts';
import type { Leaf, PoolState, Slot, Top } from './state.ts';
import { available } from './vdevs.ts';

/** @param now simulated time, ns */
export function poolPicture(state: PoolState, now: number): PoolPicture {
  const rows: RowPicture[] = [];
  const health = poolState(state);
  rows.push({ ...blank(state.name, 0, health, 'config'), note: '' });
  for (const index of state.dataTops) topRows(state, state.tops[index], rows);
  for (const index of state.logTops) topRows(state, state.tops[index], rows);
  for (const leaf of state.leaves) if (leaf.role === 'cache') rows.push(leafRow(state, leaf, 1, 'cache'));
  for (const index of state.spares) rows.push(spareRow(state.leaves[index]));
  return {
    name: state.name,
    state: health,
    suspended: state.suspended,
    scan: scanOf(state, now),
    rows,
    lost: [...state.lost].sort(),
  };
}

function poolState(state: PoolState): string {
  if (state.dataTops.some((index) => !available(state, state.tops[index]))) return 'UNAVAIL';
  return state.tops.every((top) => top.state === 'ONLINE') ? 'ONLINE' : 'DEGRADED';
}

function blank(name: string, depth: number, state: string, section: RowPicture['section']): RowPicture {
  return { name, depth, state, read: 0, write: 0, checksum: 0, note: '', section };
}

function topRows(state: PoolState, top: Top, rows: RowPicture[]): void {
  const section = top.log ? 'logs' : 'config';
  if (top.kind === 'disk') return slotRows(state, top.slots[0], 0, 1, section, rows);
  const note = top.state === 'UNAVAIL' ? 'insufficient replicas' : '';
  rows.push({ ...blank(top.name, 1, top.state, section), note });
  top.slots.forEach((slot, index) => slotRows(state, slot, index, 2, section, rows));
}

function slotRows(
  state: PoolState,
  slot: Slot,
  index: number,
  depth: number,
  section: RowPicture['section'],
  rows: RowPicture[],
): void {
  const disk = state.leaves[slot.disk];
  let below = depth;
  if (slot.spare >= 0) rows.push(blank(`spare-${index}`, below++, slotState(state, slot).state, section));
  if (disk.replacing) {
    rows.push(blank(`replacing-${index}`, below, 'DEGRADED', section));
    rows.push({ ...blank(`${disk.name}/old`, below + 1, 'UNAVAIL', section), note: 'cannot open' });
    rows.push(leafRow(state, disk, below + 1, section));
  } else rows.push(leafRow(state, disk, below, section));
  if (slot.spare >= 0) rows.push(leafRow(state, state.leaves[slot.spare], below, section));
}

function leafRow(state: PoolState, leaf: Leaf, depth: number, section: RowPicture['section']): RowPicture {
  const resilvering =
    state.resilver?.leaf === leaf.index
      ? '(resilvering)'
      : leaf.stale && usable(leaf)
        ? '(awaiting resilver)'
        : '';
  const read = leaf.readErrors;
  const write = leaf.writeErrors;
  const note = [leaf.aux, resilvering].filter((text) => text !== '').join('  ');
  return {
    ...blank(leaf.name, depth, leaf.state, section),
    read,
    write,
    checksum: leaf.checksumErrors,
    note,
  };
}

function spareRow(leaf: Leaf): RowPicture {
  const shown = leaf.state !== 'ONLINE' ? leaf.state : leaf.inUse ? 'INUSE' : 'AVAIL';
  return { ...blank(leaf.name, 1, shown, 'spares'), note: leaf.inUse ? 'currently in use' : leaf.aux };
}

function scanOf(state: PoolState, now: number): PoolPicture['scan'] {
  const { resilver, lastResilver } = state;
  if (resilver !== null) {
    const doneBytes = Math.floor((resilver.totalBytes * resilver.done) / Math.max(1, resilver.chunks));
    const { startedAt, totalBytes } = resilver;
    return { kind: 'running', since: clock(startedAt), elapsedNs: now - startedAt, doneBytes, totalBytes };
  }
  if (lastResilver === null) return { kind: 'none' };
  const { bytes, tookNs, errors, endedAt } = lastResilver;
  return { kind: 'finished', on: clock(endedAt), bytes, tookNs, errors };
}

/** Time of the run, to the second: `00:02:15`. */
function clock(ns: number): string {
  return formatTime(ns).slice(0, 8);
}
