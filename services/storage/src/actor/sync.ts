/** spa_sync: a txg's dirty data goes out to all leaves, then an uberblock, then its commands hold and it is answered. */
import type { Context } from '@orrery/actor';
import type { DatasetSpace, TxgSync, ZfsResult } from '@orrery/proto';
import { ZfsOp } from '@orrery/proto';
import { availableTo, writeDataset, type Dataset } from '../model/dataset.ts';
import { IoClass } from '../model/io-class.ts';
import { freeBytes } from '../model/space.ts';
import { leafBytes, nextWrite, txgBytes, UBERBLOCK_BYTES, UBERBLOCK_VDEVS, vdevShare } from '../model/txg.ts';
import { runCommand } from '../model/zfs-command.ts';
import { submit } from './queue.ts';
import { Outcome, Purpose, type Leaf, type LeafIo, type PoolState, type Sync } from './state.ts';
import { allocate } from './vdevs.ts';
import { writers } from './zio-log.ts';

/** Writes of a txg that a leaf has queued or active: enough to fill its class, few enough to be cheap. */
const AHEAD = 12;

const opNames: readonly string[] = [
  'create',
  'clone',
  'snapshot',
  'destroy',
  'rollback',
  'set quota',
  'receive',
];

export function txgQuiesced(context: Context, state: PoolState, request: TxgSync): void {
  if (!state.imported) return;
  const sync: Sync = {
    request,
    asker: context.source,
    cause: context.cause,
    startedAt: context.now,
    bytes: 0,
    left: [],
    place: [],
    outstanding: 0,
    uberblock: false,
  };
  state.syncQueue.push(sync);
  startSync(context, state);
}

function startSync(context: Context, state: PoolState): void {
  if (state.sync !== null || state.suspended) return;
  const sync = state.syncQueue.shift();
  if (sync === undefined) return;
  sync.startedAt = context.now;
  state.sync = sync;
  state.logBytesSyncing += state.logBytesOpen;
  state.logBytesOpen = 0;
  writeOut(context, state, sync);
}

/** Begins the writes of a txg, or begins them again when the pool goes on. */
function writeOut(context: Context, state: PoolState, sync: Sync): void {
  let data = 0;
  for (const zone of sync.request.zones) data += zone.dirtyBytes;
  for (const { op, usedBytes, quotaBytes } of sync.request.commands) {
    if (op === ZfsOp.ZFS_RECEIVE) data += usedBytes === 0 ? quotaBytes : usedBytes;
    else if (op === ZfsOp.ZFS_CREATE || op === ZfsOp.ZFS_CLONE) data += usedBytes;
  }
  sync.bytes = txgBytes(data);
  sync.uberblock = false;
  sync.outstanding = 0;
  sync.left = state.leaves.map(() => 0);
  sync.place = state.leaves.map(() => 0);
  const { dataTops } = state;
  for (let i = 0; i < dataTops.length; i++) {
    const top = state.tops[dataTops[i]];
    const bytes = sectors(
      state,
      leafBytes(top.kind, top.slots.length, vdevShare(sync.bytes, i, dataTops.length)),
    );
    const place = allocate(top, bytes);
    for (const slot of top.slots) {
      for (const leaf of [slot.disk, slot.spare]) {
        if (leaf < 0) continue;
        sync.left[leaf] = bytes;
        sync.place[leaf] = place;
      }
    }
  }
  for (const leaf of state.leaves) feed(context, state, sync, leaf);
  settle(context, state, sync);
}

function sectors(state: PoolState, bytes: number): number {
  return Math.ceil(bytes / state.ashiftBytes) * state.ashiftBytes;
}

/** Keeps a leaf's queue filled; a leaf that cannot be written misses the rest. */
function feed(context: Context, state: PoolState, sync: Sync, leaf: Leaf): void {
  const ahead = () => leaf.waiting[IoClass.ASYNC_WRITE].length + leaf.active[IoClass.ASYNC_WRITE];
  while (sync.left[leaf.index] > 0 && ahead() < AHEAD) {
    if (leaf.dead || leaf.state === 'FAULTED' || leaf.state === 'REMOVED' || leaf.state === 'UNAVAIL') {
      leaf.missedBytes += sync.left[leaf.index];
      sync.left[leaf.index] = 0;
      return;
    }
    const size = nextWrite(sync.left[leaf.index]);
    submit(state, {
      leaf: leaf.index,
      purpose: Purpose.TXG,
      ioClass: IoClass.ASYNC_WRITE,
      write: true,
      lba: sync.place[leaf.index],
      size,
      issuedAt: context.now,
    });
    sync.outstanding++;
    sync.left[leaf.index] -= size;
    sync.place[leaf.index] += size;
  }
}

export function txgIoEnded(context: Context, state: PoolState, io: LeafIo): void {
  const { sync } = state;
  if (sync === null) return;
  const leaf = state.leaves[io.leaf];
  sync.outstanding--;
  if (io.outcome !== Outcome.OK) leaf.missedBytes += io.size;
  if (io.purpose === Purpose.TXG) feed(context, state, sync, leaf);
  settle(context, state, sync);
}

function settle(context: Context, state: PoolState, sync: Sync): void {
  if (sync.outstanding > 0 || state.suspended) return;
  if (sync.left.some((bytes) => bytes > 0)) return;
  if (!sync.uberblock) {
    sync.uberblock = true;
    writeUberblocks(context, state, sync);
    if (sync.outstanding > 0) return;
  }
  finish(context, state, sync);
}

function writeUberblocks(context: Context, state: PoolState, sync: Sync): void {
  for (let i = 0; i < Math.min(UBERBLOCK_VDEVS, state.dataTops.length); i++) {
    const top = state.tops[state.dataTops[(sync.request.txg + i) % state.dataTops.length]];
    for (const slot of top.slots) {
      for (const leaf of writers(state, slot)) {
        sync.outstanding++;
        submit(state, {
          leaf: leaf.index,
          purpose: Purpose.UBERBLOCK,
          ioClass: IoClass.ASYNC_WRITE,
          write: true,
          flush: true,
          lba: 0,
          size: UBERBLOCK_BYTES,
          issuedAt: context.now,
        });
      }
    }
  }
}

function finish(context: Context, state: PoolState, sync: Sync): void {
  const { request } = sync;
  context.cause = sync.cause;
  const changed = new Set<string>();
  let released = 0;
  for (const zone of request.zones) {
    released += zone.dirtyBytes;
    const dataset = state.tree.get(zone.dataset);
    if (dataset === undefined) continue;
    const { newBytes: grown, freedBytes: freed } = zone;
    writeDataset(state.tree, dataset, { grown, overwritten: Math.max(0, zone.dirtyBytes - grown), freed });
    changed.add(zone.dataset);
  }
  const results = runCommands(context, state, request, changed);
  state.sync = null;
  state.logBytesSyncing = 0;
  const took = context.now - sync.startedAt;
  const { txg } = request;
  context.emit('txgSyncedFact', { pool: state.name, txg, bytes: sync.bytes, tookNs: took });
  context.send(sync.asker, 'txgSynced', {
    txg,
    dirtyReleased: released,
    syncStartedAt: sync.startedAt,
    syncFinishedAt: context.now,
    results,
    spaces: spacesOf(state, [...changed]),
  });
  startSync(context, state);
}

function runCommands(
  context: Context,
  state: PoolState,
  request: TxgSync,
  changed: Set<string>,
): ZfsResult[] {
  const results: ZfsResult[] = [];
  for (const command of request.commands) {
    const error = runCommand(state.tree, command, poolFree(state));
    results.push({ id: command.id, replyTo: command.replyTo, error });
    if (error !== '') continue;
    const { dataset, origin } = command;
    const op = opNames[command.op];
    context.emit('datasetChanged', { pool: state.name, dataset, op, origin, txg: request.txg });
    changed.add(dataset.split('@')[0]);
  }
  return results;
}

/** Bytes left to normal writes. */
function poolFree(state: PoolState): number {
  return freeBytes(state.capacity, (state.tree.get(state.name) as Dataset).usedTotal);
}

/** Space of datasets that are still there. */
export function spacesOf(state: PoolState, names: readonly string[]): DatasetSpace[] {
  const free = poolFree(state);
  const spaces: DatasetSpace[] = [];
  for (const name of names) {
    const dataset = state.tree.get(name);
    if (dataset === undefined) continue;
    const availableBytes = availableTo(state.tree, dataset, free);
    const poolBound = availableBytes >= free;
    spaces.push({ dataset: name, usedBytes: dataset.usedTotal, availableBytes, poolBound });
  }
  return spaces;
}

/** The pool goes on: the txg that stood still is written anew. */
export function resumeSync(context: Context, state: PoolState): void {
  if (state.sync === null) startSync(context, state);
  else if (state.sync.outstanding === 0) writeOut(context, state, state.sync);
}
