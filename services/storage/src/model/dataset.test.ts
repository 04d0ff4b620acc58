import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { GIB, MIB } from '@orrery/kernel';
import { ZfsOp, type ZfsCommand } from '@orrery/proto';
import { availableTo, newDataset, usedOwn, writeDataset, type Dataset, type DatasetTree } from './dataset.ts';
import { freeBytes, slopBytes, vdevCapacity } from './space.ts';
import { runCommand } from './zfs-command.ts';

let tree: DatasetTree;

function run(op: ZfsOp, dataset: string, more: Partial<ZfsCommand> = {}): string {
  const command: ZfsCommand = {
    id: 1,
    op,
    dataset,
    origin: '',
    quotaBytes: 0,
    recordSize: 0,
    usedBytes: 0,
    volume: false,
    replyTo: 0,
    ...more,
  };
  return runCommand(tree, command, 100 * GIB);
}

const get = (name: string) => tree.get(name) as Dataset;
const write = (name: string, grown: number, overwritten = 0, freed = 0) =>
  writeDataset(tree, get(name), { grown, overwritten, freed });

beforeEach(() => {
  tree = new Map([['zones', newDataset('zones', false)]]);
  run(ZfsOp.ZFS_RECEIVE, 'zones/image', { usedBytes: GIB });
});

describe('datasets', () => {
  it('clones an image for nothing, and pays for what is overwritten', () => {
    expect(run(ZfsOp.ZFS_CLONE, 'zones/a', { origin: 'zones/image@final' })).toBe('');
    expect(get('zones').usedTotal).toBe(GIB);
    expect(get('zones/a').referenced).toBe(GIB);
    write('zones/a', 10 * MIB, 512 * MIB);
    expect(usedOwn(get('zones/a'))).toBe(522 * MIB);
    expect(get('zones').usedTotal).toBe(GIB + 522 * MIB);
  });

  it('lets a clone come with data of its own', () => {
    run(ZfsOp.ZFS_CLONE, 'zones/a', { origin: 'zones/image', usedBytes: 3 * GIB });
    expect(usedOwn(get('zones/a'))).toBe(3 * GIB);
    expect(get('zones/a').referenced).toBe(4 * GIB);
    expect(run(ZfsOp.ZFS_CLONE, 'zones/b', { origin: 'zones/image', usedBytes: 200 * GIB })).toBe('ENOSPC');
  });

  it('keeps in a snapshot what the head overwrites: 256 MiB of 1 GiB, then half of the next is young', () => {
    run(ZfsOp.ZFS_CREATE, 'zones/a', { usedBytes: GIB });
    run(ZfsOp.ZFS_SNAPSHOT, 'zones/a@one');
    expect(get('zones').usedTotal).toBe(2 * GIB);
    write('zones/a', 0, 512 * MIB);
    expect(get('zones/a').snapshots[0].only).toBe(512 * MIB);
    write('zones/a', 0, 512 * MIB);
    expect(get('zones/a').snapshots[0].only).toBe(768 * MIB);
    expect(run(ZfsOp.ZFS_ROLLBACK, 'zones/a@one')).toBe('');
    expect(get('zones').usedTotal).toBe(2 * GIB);
    expect(run(ZfsOp.ZFS_DESTROY, 'zones/a@one')).toBe('');
  });

  it('refuses what zfs refuses', () => {
    run(ZfsOp.ZFS_CLONE, 'zones/a', { origin: 'zones/image' });
    expect(run(ZfsOp.ZFS_DESTROY, 'zones/image')).toBe('EBUSY');
    expect(run(ZfsOp.ZFS_DESTROY, 'zones/image@final')).toBe('EBUSY');
    expect(run(ZfsOp.ZFS_CLONE, 'zones/a', { origin: 'zones/image' })).toBe('EEXIST');
    expect(run(ZfsOp.ZFS_CLONE, 'zones/b', { origin: 'zones/none@final' })).toBe('ENOENT');
    expect(run(ZfsOp.ZFS_CREATE, 'zones/none/b')).toBe('ENOENT');
    expect(run(ZfsOp.ZFS_CREATE, 'zones/b', { usedBytes: 200 * GIB })).toBe('ENOSPC');
    expect(run(ZfsOp.ZFS_DESTROY, 'zones/a')).toBe('');
    expect(run(ZfsOp.ZFS_DESTROY, 'zones/image')).toBe('');
    expect(get('zones').usedTotal).toBe(0);
  });

  it('holds a quota over descendants', () => {
    run(ZfsOp.ZFS_CREATE, 'zones/a', { quotaBytes: GIB });
    run(ZfsOp.ZFS_CREATE, 'zones/a/data', { usedBytes: 768 * MIB });
    expect(availableTo(tree, get('zones/a/data'), 50 * GIB)).toBe(256 * MIB);
    expect(run(ZfsOp.ZFS_CREATE, 'zones/a/more', { usedBytes: 512 * MIB })).toBe('EDQUOT');
    expect(run(ZfsOp.ZFS_SET_QUOTA, 'zones/a', { quotaBytes: 512 * MIB })).toBe('ENOSPC');
    expect(run(ZfsOp.ZFS_DESTROY, 'zones/a')).toBe('EBUSY');
  });

  it('reserves a volume whole', () => {
    run(ZfsOp.ZFS_CREATE, 'zones/disk0', { quotaBytes: 10 * GIB, volume: true });
    expect(get('zones').usedTotal).toBe(11 * GIB);
  });

  it('keeps back 1/32, at least 128 MiB, at most half', () => {
    expect(slopBytes(32 * GIB)).toBe(GIB);
    expect(slopBytes(GIB)).toBe(128 * MIB);
    expect(slopBytes(128 * MIB)).toBe(64 * MIB);
    expect(freeBytes(32 * GIB, 30 * GIB)).toBe(GIB);
    expect(vdevCapacity('raidz2', [10, 8, 10, 10])).toBe(16);
    expect(vdevCapacity('mirror', [10, 8])).toBe(8);
  });
});

it('conserves bytes: whatever is done, the pool holds the sum of its datasets', () => {
  const op = fc.record({
    kind: fc.nat(6),
    name: fc.constantFrom('zones/a', 'zones/b', 'zones/a/c'),
    bytes: fc.integer({ min: 0, max: GIB }),
  });
  fc.assert(
    fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
      tree = new Map([['zones', newDataset('zones', false)]]);
      run(ZfsOp.ZFS_RECEIVE, 'zones/image', { usedBytes: GIB });
      for (const { kind, name, bytes } of ops) {
        if (kind === 0) run(ZfsOp.ZFS_CREATE, name, { usedBytes: bytes });
        else if (kind === 1) run(ZfsOp.ZFS_CLONE, name, { origin: 'zones/image' });
        else if (kind === 2) run(ZfsOp.ZFS_SNAPSHOT, `${name}@${bytes % 3}`);
        else if (kind === 3) run(ZfsOp.ZFS_DESTROY, bytes % 2 === 0 ? name : `${name}@${bytes % 3}`);
        else if (kind === 4) run(ZfsOp.ZFS_ROLLBACK, name);
        else if (tree.has(name)) write(name, bytes, bytes >> 1, bytes >> 2);
      }
      let sum = 0;
      for (const dataset of tree.values()) {
        sum += usedOwn(dataset);
        expect(dataset.young).toBeLessThanOrEqual(dataset.referenced);
        expect(Math.min(dataset.young, dataset.fromOrigin, dataset.referenced)).toBeGreaterThanOrEqual(0);
        expect(dataset.fromOrigin).toBeLessThanOrEqual(dataset.referenced - dataset.young);
      }
      expect(get('zones').usedTotal).toBe(sum);
    }),
  );
});
