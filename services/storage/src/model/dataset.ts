/**
 * The dataset tree says who holds which bytes of a pool; it counts bytes, it does not keep blocks.
 *
 * Intuition. A dataset's bytes are born since its latest snapshot, or older. What is older, and is overwritten or freed, is kept
 *            by that snapshot, or by the origin of a clone; what is young just goes.
 * Rules.     1. used = max(referenced − shared with the origin, refreservation) + what only its snapshots hold; a quota covers
 *               this and all descendants.
 *            2. A snapshot or a clone takes no space at first. Overwriting `o` bytes of which a share is older than
 *               the snapshot costs that share.
 *            3. Destroying a snapshot frees what only it holds; the part that the one before it also refers to goes there.
 *            4. A snapshot with clones, or a dataset with children, is EBUSY.
 *            5. The pool's allocated bytes are the root's used: nothing is counted twice, nothing is lost.
 * State.     One entry a dataset, by name; `usedTotal` includes descendants and is kept up to date upwards.
 * Differs.   Which overwritten bytes are old is taken in proportion, not block by block.
 * Omits.     promote, bookmarks, compression; destroy frees at once, not asynchronously.
 */
import { datasetKey } from './layout.ts';

export interface Snapshot {
  /** Without the dataset's name. */
  name: string;
  referenced: number;
  /** Bytes that only snapshots hold, released by the head after this one and before the next. */
  only: number;
  clones: number;
}

export interface Dataset {
  name: string;
  volume: boolean;
  key: number;
  referenced: number;
  /** Of `referenced`, still shared with the origin snapshot. */
  fromOrigin: number;
  /** Of `referenced`, written since the latest snapshot. */
  young: number;
  /** zones/x@final, or ''. */
  origin: string;
  /** Oldest first. */
  snapshots: Snapshot[];
  quota: number;
  refreservation: number;
  recordSize: number;
  children: number;
  usedTotal: number;
}

export type DatasetTree = Map<string, Dataset>;

export function newDataset(name: string, volume: boolean): Dataset {
  return {
    name,
    volume,
    key: datasetKey(name),
    referenced: 0,
    fromOrigin: 0,
    young: 0,
    origin: '',
    snapshots: [],
    quota: 0,
    refreservation: 0,
    recordSize: 0,
    children: 0,
    usedTotal: 0,
  };
}

/** Used by the dataset itself and its snapshots, without descendants, in bytes. */
export function usedOwn(dataset: Dataset): number {
  let used = Math.max(dataset.referenced - dataset.fromOrigin, dataset.refreservation);
  for (const snapshot of dataset.snapshots) used += snapshot.only;
  return used;
}

/** zones/a of zones/a/b; '' of a pool. */
export function parentOf(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? '' : name.slice(0, slash);
}

/** Carries a change of one dataset's own use up to the pool. */
export function settle(tree: DatasetTree, dataset: Dataset, before: number): void {
  const change = usedOwn(dataset) - before;
  for (let at: Dataset | undefined = dataset; at !== undefined; at = tree.get(parentOf(at.name))) {
    at.usedTotal += change;
  }
}

/** Adds an empty dataset. @returns undefined when its parent is not there */
export function addDataset(tree: DatasetTree, name: string, volume: boolean): Dataset | undefined {
  const parent = tree.get(parentOf(name));
  if (parent === undefined && parentOf(name) !== '') return undefined;
  const dataset = newDataset(name, volume);
  tree.set(name, dataset);
  if (parent !== undefined) parent.children++;
  return dataset;
}

/** What a txg brought to a dataset, in bytes: grown, written over, freed. */
export interface Change {
  grown: number;
  overwritten: number;
  freed: number;
}

/** Applies a txg's change to a dataset. */
export function writeDataset(tree: DatasetTree, dataset: Dataset, change: Change): void {
  const before = usedOwn(dataset);
  const over = Math.min(change.overwritten, dataset.referenced);
  dataset.young += release(dataset, over);
  const freed = Math.min(change.freed, dataset.referenced);
  const old = release(dataset, freed);
  dataset.young -= freed - old;
  dataset.referenced -= freed;
  dataset.referenced += change.grown;
  dataset.young += change.grown;
  settle(tree, dataset, before);
}

/** Lets go of the old part of `bytes` bytes of the head: snapshots keep it, or it is no longer shared. @returns the old part */
function release(dataset: Dataset, bytes: number): number {
  if (dataset.referenced === 0 || bytes === 0) return 0;
  const elder = dataset.referenced - dataset.young;
  const old = Math.min(elder, Math.round((bytes * elder) / dataset.referenced));
  const last = dataset.snapshots[dataset.snapshots.length - 1];
  const shared =
    elder === 0 ? 0 : Math.min(dataset.fromOrigin, Math.round((old * dataset.fromOrigin) / elder));
  dataset.fromOrigin -= shared;
  if (last !== undefined) last.only += old - shared;
  return old;
}

/** Bytes that quota and pool still leave to a dataset. @param free of the pool, slop taken off */
export function availableTo(tree: DatasetTree, dataset: Dataset, free: number): number {
  let available = free;
  for (let at: Dataset | undefined = dataset; at !== undefined; at = tree.get(parentOf(at.name))) {
    if (at.quota > 0) available = Math.min(available, at.quota - at.usedTotal);
  }
  return Math.max(0, available);
}
