/** A pool as its node's profile describes it, at time 0. */
import { vdevGuid } from './vdevs.ts';
import type { Disk, Vdev } from '@orrery/spec';
import { makeBusy } from '../model/busy.ts';
import { addDataset, newDataset, settle, type DatasetTree } from '../model/dataset.ts';
import { flashFigures } from '../model/flash.ts';
import { hddFigures } from '../model/hdd.ts';
import { CLASS_COUNT } from '../model/io-class.ts';
import { reachShare } from '../model/layout.ts';
import { goodMedia } from '../model/media.ts';
import { vdevCapacity } from '../model/space.ts';
import { makeTimeline } from '../model/timeline.ts';
import {
  NO_CAUSE,
  type InitialDataset,
  type Leaf,
  type PoolInit,
  type PoolState,
  type Top,
} from './state.ts';
import { dataBytes } from './used.ts';

/** As compute-node's dirty limit: 10 % of memory, 4 GiB at most. */
const DIRTY_BYTES_MAX = 4_294_967_296;

export function makePool(init: PoolInit): PoolState {
  const state: PoolState = {
    node: init.node,
    name: init.pool.name,
    fm: 0,
    os: 0,
    imported: init.imported,
    suspended: false,
    told: 'ONLINE',
    ashiftBytes: init.pool.ashift === 12 ? 4096 : 512,
    leaves: [],
    byName: new Map(),
    tops: [],
    dataTops: [],
    logTops: [],
    spares: [],
    tree: makeTree(init.pool.name, init.pool.usedBytes, init.datasets),
    capacity: 0,
    dirtyBytesMax: Math.min(DIRTY_BYTES_MAX, Math.floor(init.memoryBytes / 10)),
    ioCount: 0,
    logCount: 0,
    busy: makeBusy(),
    lastLaggardAt: 0,
    started: [],
    ready: [],
    ended: [],
    parked: [],
    zones: new Map(),
    priorities: { ...init.priorities },
    zoneScheduling: init.zoneScheduling ?? true,
    zoneSchedulingAtBoot: init.zoneScheduling ?? true,
    sync: null,
    syncQueue: [],
    logBytesOpen: 0,
    logBytesSyncing: 0,
    resilver: null,
    lastResilver: null,
    resilverQueue: [],
    lost: new Set(),
    reportArmed: false,
    importAsker: 0,
    importStarted: 0,
  };
  const disks = new Map(init.disks.map((disk) => [disk.name, disk]));
  for (const vdev of init.pool.vdevs) addTop(state, vdev, disks, false);
  for (const vdev of init.pool.logs) addTop(state, vdev, disks, true);
  for (const name of init.pool.caches) addLeaf(state, disks.get(name) as Disk, 'cache');
  for (const name of init.pool.spares) state.spares.push(addLeaf(state, disks.get(name) as Disk, 'spare'));
  layOut(state);
  return state;
}

function addTop(state: PoolState, vdev: Vdev, disks: ReadonlyMap<string, Disk>, log: boolean): void {
  const index = state.tops.length;
  const slots = vdev.disks.map((name) => ({
    disk: addLeaf(state, disks.get(name) as Disk, log ? 'log' : 'data'),
    spare: -1,
  }));
  const name = vdev.kind === 'disk' ? vdev.disks[0] : `${vdev.kind}-${index}`;
  state.tops.push({ name, kind: vdev.kind, log, slots, state: 'ONLINE', reachBytes: 0, writeHead: 0 });
  (log ? state.logTops : state.dataTops).push(index);
}

function addLeaf(state: PoolState, disk: Disk, role: Leaf['role']): number {
  const index = state.leaves.length;
  const channels = disk.kind === 'hdd' ? 1 : Math.max(1, disk.channels);
  const leaf: Leaf = {
    index,
    name: disk.name,
    guid: vdevGuid(state.node, disk.name, 0),
    actor: 0,
    sizeBytes: disk.sizeBytes,
    rotating: disk.kind === 'hdd',
    hdd: hddFigures(disk),
    flash: flashFigures(disk),
    condition: { mode: 'ok', slowFactor: 1, delayNs: 0, latent: goodMedia(), corrupt: goodMedia() },
    causes: { mode: NO_CAUSE, slow: NO_CAUSE, latent: NO_CAUSE, corrupt: NO_CAUSE },
    role,
    inUse: role !== 'spare',
    state: 'ONLINE',
    aux: '',
    unsynced: false,
    dead: false,
    unlabelled: false,
    probing: 0,
    probeFailed: false,
    stale: false,
    replacing: false,
    missedBytes: 0,
    queuedBy: NO_CAUSE,
    readErrors: 0,
    writeErrors: 0,
    checksumErrors: 0,
    slowCount: 0,
    rates: {},
    waiting: Array.from({ length: CLASS_COUNT }, () => []),
    active: Array.from({ length: CLASS_COUNT }, () => 0),
    weights: [new Map(), new Map()],
    inDevice: [],
    serving: Array.from({ length: channels }, () => null),
    hung: [],
    timeline: makeTimeline(channels),
    room: { behind: 0, zone: 0 },
    head: 0,
    linkFree: 0,
    busyTo: 0,
    ready: false,
    served: noneServed(),
  };
  state.leaves.push(leaf);
  state.byName.set(disk.name, index);
  return index;
}

/** A second in which a disk did nothing. */
export function noneServed(): Leaf['served'] {
  return {
    reads: 0,
    writes: 0,
    readBytes: 0,
    writtenBytes: 0,
    busyNs: 0,
    queueNs: 0,
    serviceNs: 0,
    errors: 0,
    serviceNsMax: 0,
    endsHash: 0,
  };
}

/** Capacity, and where on its leaves each vdev's data lies; new writes go on from the middle of that. */
function layOut(state: PoolState): void {
  const sizes = (top: Top) => top.slots.map((slot) => state.leaves[slot.disk].sizeBytes);
  for (const index of state.dataTops) {
    state.capacity += vdevCapacity(state.tops[index].kind, sizes(state.tops[index]));
  }
  const share = reachShare(dataBytes(state) / Math.max(1, state.capacity));
  for (const top of state.tops) {
    const least = Math.min(...sizes(top));
    top.reachBytes = Math.min(least, Math.max(1_073_741_824, Math.floor(least * (top.log ? 0.05 : share))));
    top.writeHead = Math.floor(top.reachBytes / 8192) * 4096;
  }
}

function makeTree(pool: string, usedBytes: number, datasets: readonly InitialDataset[]): DatasetTree {
  const tree: DatasetTree = new Map();
  const root = newDataset(pool, false);
  root.referenced = usedBytes;
  root.young = usedBytes;
  tree.set(pool, root);
  settle(tree, root, 0);
  for (const initial of datasets) addInitial(tree, initial);
  return tree;
}

function addInitial(tree: DatasetTree, initial: InitialDataset): void {
  const dataset = addDataset(tree, initial.name, initial.volume);
  if (dataset === undefined) return;
  const origin = tree.get(initial.origin)?.snapshots[0];
  if (origin !== undefined) {
    origin.clones++;
    dataset.origin = `${initial.origin}@${origin.name}`;
    dataset.referenced = origin.referenced;
    dataset.fromOrigin = origin.referenced;
  }
  dataset.quota = initial.quotaBytes;
  dataset.recordSize = initial.recordSize;
  dataset.referenced += initial.dataBytes;
  dataset.young = initial.dataBytes;
  if (initial.image) {
    dataset.snapshots.push({ name: 'final', referenced: dataset.referenced, only: 0, clones: 0 });
    dataset.young = 0;
  }
  settle(tree, dataset, 0);
}
