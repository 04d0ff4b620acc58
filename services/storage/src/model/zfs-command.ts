/**
 * Administrative commands change the dataset tree in the txg that carries them, whole or not at all.
 *
 * Rules.  1. What is refused changes nothing and says why: EEXIST, ENOENT, EBUSY, ENOSPC, EDQUOT.
 *         2. A clone's origin may be named without a snapshot: then it is the latest one.
 *         3. A rollback goes to the latest snapshot (or the one named, which must be it).
 *         4. A clone may come with data of its own, `usedBytes`.
 *         5. An image arrives as a dataset with its data and the snapshot `@final`.
 */
import { ZfsOp, type ZfsCommand } from '@orrery/proto';
import {
  addDataset,
  availableTo,
  parentOf,
  settle,
  usedOwn,
  type Dataset,
  type DatasetTree,
} from './dataset.ts';

/** Carries out one command. @param free bytes of the pool that are left @returns an errno's name; '' when done */
export function runCommand(tree: DatasetTree, command: ZfsCommand, free: number): string {
  switch (command.op) {
    case ZfsOp.ZFS_CREATE:
    case ZfsOp.ZFS_RECEIVE:
      return create(tree, command, free);
    case ZfsOp.ZFS_CLONE:
      return clone(tree, command, free);
    case ZfsOp.ZFS_SNAPSHOT:
      return snapshot(tree, command.dataset);
    case ZfsOp.ZFS_DESTROY:
      return command.dataset.includes('@')
        ? destroySnapshot(tree, command.dataset)
        : destroy(tree, command.dataset);
    case ZfsOp.ZFS_ROLLBACK:
      return rollback(tree, command.dataset);
    case ZfsOp.ZFS_SET_QUOTA:
      return setQuota(tree, command);
    default:
      return 'EINVAL';
  }
}

function create(tree: DatasetTree, command: ZfsCommand, free: number): string {
  if (tree.has(command.dataset)) return 'EEXIST';
  const parent = tree.get(parentOf(command.dataset));
  if (parent === undefined) return 'ENOENT';
  const receive = command.op === ZfsOp.ZFS_RECEIVE;
  const bytes = receive && command.usedBytes === 0 ? command.quotaBytes : command.usedBytes;
  if (bytes > free) return 'ENOSPC';
  if (bytes > availableTo(tree, parent, free)) return 'EDQUOT';
  const dataset = addDataset(tree, command.dataset, command.volume) as Dataset;
  dataset.recordSize = command.recordSize;
  limit(dataset, receive ? 0 : command.quotaBytes);
  dataset.referenced = bytes;
  dataset.young = bytes;
  settle(tree, dataset, 0);
  if (receive) snapshot(tree, `${command.dataset}@final`);
  return '';
}

/** A quota on a filesystem; a volume keeps its size reserved. */
function limit(dataset: Dataset, bytes: number): void {
  if (dataset.volume) dataset.refreservation = bytes;
  else dataset.quota = bytes;
}

/** The dataset and snapshot that a name means; the latest snapshot where none is named. */
function findSnapshot(tree: DatasetTree, name: string): { dataset: Dataset; index: number } | undefined {
  const [path, wanted] = name.split('@');
  const dataset = tree.get(path);
  if (dataset === undefined) return undefined;
  const index =
    wanted === undefined
      ? dataset.snapshots.length - 1
      : dataset.snapshots.findIndex((candidate) => candidate.name === wanted);
  return index < 0 ? undefined : { dataset, index };
}

function clone(tree: DatasetTree, command: ZfsCommand, free: number): string {
  const found = findSnapshot(tree, command.origin);
  if (found === undefined) return 'ENOENT';
  if (tree.has(command.dataset)) return 'EEXIST';
  const parent = tree.get(parentOf(command.dataset));
  if (parent === undefined) return 'ENOENT';
  if (command.usedBytes > free) return 'ENOSPC';
  if (command.usedBytes > availableTo(tree, parent, free)) return 'EDQUOT';
  const dataset = addDataset(tree, command.dataset, command.volume) as Dataset;
  const origin = found.dataset.snapshots[found.index];
  origin.clones++;
  dataset.origin = `${found.dataset.name}@${origin.name}`;
  dataset.referenced = origin.referenced + command.usedBytes;
  dataset.fromOrigin = origin.referenced;
  dataset.young = command.usedBytes;
  dataset.recordSize = command.recordSize;
  limit(dataset, command.quotaBytes);
  settle(tree, dataset, 0);
  return '';
}

function snapshot(tree: DatasetTree, name: string): string {
  const [path, tag] = name.split('@');
  const dataset = tree.get(path);
  if (dataset === undefined || tag === undefined) return 'ENOENT';
  if (dataset.snapshots.some((candidate) => candidate.name === tag)) return 'EEXIST';
  dataset.snapshots.push({ name: tag, referenced: dataset.referenced, only: 0, clones: 0 });
  dataset.young = 0;
  return '';
}

function destroySnapshot(tree: DatasetTree, name: string): string {
  const found = findSnapshot(tree, name);
  if (found === undefined) return 'ENOENT';
  const { dataset, index } = found;
  const gone = dataset.snapshots[index];
  if (gone.clones > 0) return 'EBUSY';
  const before = usedOwn(dataset);
  const earlier = dataset.snapshots[index - 1];
  if (earlier !== undefined && gone.referenced > 0) {
    earlier.only += Math.round(gone.only * Math.min(1, earlier.referenced / gone.referenced));
  }
  dataset.snapshots.splice(index, 1);
  if (index === dataset.snapshots.length) {
    // The head's old part now counts from the snapshot before, or there is none: what grew since is young again.
    const base =
      earlier === undefined ? dataset.fromOrigin : Math.min(earlier.referenced, dataset.referenced);
    dataset.young = Math.max(dataset.young, dataset.referenced - base);
  }
  settle(tree, dataset, before);
  return '';
}

function destroy(tree: DatasetTree, name: string): string {
  const dataset = tree.get(name);
  if (dataset === undefined) return 'ENOENT';
  if (dataset.children > 0 || dataset.snapshots.some((candidate) => candidate.clones > 0)) return 'EBUSY';
  const before = usedOwn(dataset);
  dataset.referenced = 0;
  dataset.fromOrigin = 0;
  dataset.refreservation = 0;
  dataset.snapshots = [];
  settle(tree, dataset, before);
  if (dataset.origin !== '') {
    const found = findSnapshot(tree, dataset.origin);
    if (found !== undefined) found.dataset.snapshots[found.index].clones--;
  }
  const parent = tree.get(parentOf(name));
  if (parent !== undefined) parent.children--;
  tree.delete(name);
  return '';
}

function rollback(tree: DatasetTree, name: string): string {
  const found = findSnapshot(tree, name);
  if (found === undefined) return 'ENOENT';
  const { dataset, index } = found;
  if (index !== dataset.snapshots.length - 1) return 'EEXIST';
  const before = usedOwn(dataset);
  const last = dataset.snapshots[index];
  // What the head had dropped comes back to it; of that, what was shared with an origin is shared again no more.
  dataset.referenced = last.referenced;
  dataset.fromOrigin = Math.min(dataset.fromOrigin, last.referenced);
  dataset.young = 0;
  last.only = 0;
  settle(tree, dataset, before);
  return '';
}

function setQuota(tree: DatasetTree, command: ZfsCommand): string {
  const dataset = tree.get(command.dataset);
  if (dataset === undefined) return 'ENOENT';
  if (command.quotaBytes > 0 && command.quotaBytes < dataset.usedTotal) return 'ENOSPC';
  const before = usedOwn(dataset);
  limit(dataset, command.quotaBytes);
  settle(tree, dataset, before);
  return '';
}
