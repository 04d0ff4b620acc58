/**
 * Transaction groups collect what a pool's zones dirty and hand it to the disks in turn; they do not write.
 *
 * Why.       An asynchronous write costs microseconds until memory for dirty data runs short; then everybody waits.
 * Intuition. One group is open, one may be syncing, and one may stand closed between them.
 * Rules.     1. A group is synced only if it holds dirty data or commands.
 *            2. It closes 5 s after the last one did, at 20 % of the dirty limit, or as soon as somebody waits for it.
 *            3. One group syncs at a time; one that closes meanwhile waits closed, and the next one stays open till then.
 *            4. Dirty data is released when its group has synced, and then exactly what it held.
 *            5. At the dirty limit a writer waits for a sync to end; from 60 % on each is delayed, one after the other.
 * Law.       delay = `DELAY_SCALE_NS` × (dirty − 60 % D) / (D − dirty), at most 100 ms, D = 10 % of memory, at most 4 GiB;
 *            a writer wakes at max(its start, last wake) + delay: at the midpoint 500 µs, 2,000 writers a second.
 * Differs.   Dirty data is released at the end of a sync instead of bit by bit in it.
 */
import type { TxgSync, TxgZone, ZfsCommand } from '@orrery/proto';

const TIMEOUT_NS = 5_000_000_000;
const DIRTY_MAX = 4 * 1_073_741_824;
const DIRTY_SHARE = 10;
const SYNC_PERCENT = 20;
const DELAY_PERCENT = 60;
const DELAY_SCALE_NS = 500_000;
const DELAY_MAX_NS = 100_000_000;

export interface Txg {
  number: number;
  openedAt: number;
  dirtyBytes: number;
  zones: TxgZone[];
  commands: ZfsCommand[];
  /** Somebody waits for it. */
  wanted: boolean;
}

export interface TxgQueue {
  dirtyMax: number;
  /** Over all groups, bytes. */
  dirtyBytes: number;
  open: Txg;
  closed: Txg | undefined;
  syncing: Txg | undefined;
  lastWakeAt: number;
}

export function makeTxgs(memoryBytes: number, now: number): TxgQueue {
  return {
    dirtyMax: Math.min(DIRTY_MAX, Math.floor(memoryBytes / DIRTY_SHARE)),
    dirtyBytes: 0,
    open: newTxg(1, now),
    closed: undefined,
    syncing: undefined,
    lastWakeAt: 0,
  };
}

/** Adds a write to the open group. */
export function dirty(txgs: TxgQueue, zone: number, dataset: string, bytes: number, newBytes: number): void {
  const { open } = txgs;
  txgs.dirtyBytes += bytes;
  open.dirtyBytes += bytes;
  for (const entry of open.zones) {
    if (entry.zone !== zone || entry.dataset !== dataset) continue;
    entry.dirtyBytes += bytes;
    entry.newBytes += newBytes;
    return;
  }
  open.zones.push({ zone, dataset, dirtyBytes: bytes, newBytes, freedBytes: 0 });
}

/** When a writer that starts now may go on, ns: now itself below 60 %; −1 at the limit, where it must wait for a sync. */
export function writerWakes(txgs: TxgQueue, now: number): number {
  const { dirtyBytes, dirtyMax } = txgs;
  if (dirtyBytes >= dirtyMax) return -1;
  const from = (dirtyMax * DELAY_PERCENT) / 100;
  if (dirtyBytes <= from) return now;
  const delay = Math.min(
    DELAY_MAX_NS,
    Math.floor((DELAY_SCALE_NS * (dirtyBytes - from)) / (dirtyMax - dirtyBytes)),
  );
  txgs.lastWakeAt = Math.max(now, txgs.lastWakeAt) + delay;
  return txgs.lastWakeAt;
}

/** The zone other than `zone` that has dirtied most and more than it, in all groups; 0: none. */
export function dirtiest(txgs: TxgQueue, zone: number): number {
  const sums = new Map<number, number>();
  for (const txg of [txgs.open, txgs.closed, txgs.syncing])
    for (const entry of txg?.zones ?? [])
      sums.set(entry.zone, (sums.get(entry.zone) ?? 0) + entry.dirtyBytes);
  let found = 0;
  let most = sums.get(zone) ?? 0;
  for (const [other, bytes] of sums) {
    if (other === zone || bytes <= most) continue;
    found = other;
    most = bytes;
  }
  return found;
}

/** Bytes that a dataset will have grown by when all groups are synced. */
export function growth(txgs: TxgQueue, dataset: string): number {
  let bytes = 0;
  for (const txg of [txgs.open, txgs.closed, txgs.syncing])
    for (const entry of txg?.zones ?? []) if (entry.dataset === dataset) bytes += entry.newBytes;
  return bytes;
}

/** When the open group must close, ns; Infinity while it holds nothing or the place after it is taken. */
export function closesAt(txgs: TxgQueue, now: number): number {
  const { open } = txgs;
  if (txgs.closed !== undefined || (open.dirtyBytes === 0 && open.commands.length === 0)) return Infinity;
  if (open.wanted || open.dirtyBytes * 100 >= txgs.dirtyMax * SYNC_PERCENT) return now;
  const periods = Math.max(1, Math.ceil((now - open.openedAt) / TIMEOUT_NS));
  return open.openedAt + periods * TIMEOUT_NS;
}

/** Closes the open group. @returns the group to sync now, when none is syncing */
export function closeTxg(txgs: TxgQueue, now: number): Txg | undefined {
  txgs.closed = txgs.open;
  txgs.open = newTxg(txgs.open.number + 1, now);
  return startSync(txgs);
}

/** Takes note that the syncing group is on disk. @returns the next group to sync, if one stands closed */
export function txgSynced(txgs: TxgQueue): Txg | undefined {
  txgs.dirtyBytes -= txgs.syncing?.dirtyBytes ?? 0;
  txgs.syncing = undefined;
  return startSync(txgs);
}

/** What the pool is told of a group. */
export function syncMessage(txg: Txg): TxgSync {
  return { txg: txg.number, zones: txg.zones, commands: txg.commands };
}

function startSync(txgs: TxgQueue): Txg | undefined {
  if (txgs.syncing !== undefined || txgs.closed === undefined) return undefined;
  txgs.syncing = txgs.closed;
  txgs.closed = undefined;
  return txgs.syncing;
}

function newTxg(number: number, now: number): Txg {
  return { number, openedAt: now, dirtyBytes: 0, zones: [], commands: [], wanted: false };
}
