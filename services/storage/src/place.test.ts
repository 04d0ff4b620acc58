import { expect, it } from 'vitest';
import { createHost } from '@orrery/actor';
import { GIB, MS } from '@orrery/kernel';
import type { Datacenter, Image, Node, Vm } from '@orrery/spec';
import type { PoolState } from './actor/state.ts';
import { faults, place, repairs, service } from './index.ts';
import { hdd, ssd } from './pool.case.ts';

const disks = [hdd('c0t0d0'), hdd('c0t1d0'), hdd('c0t6d0'), ssd('c0t7d0'), hdd('c0t9d0')];

const node = {
  address: 'cn-0001',
  memoryBytes: 64 * GIB,
  disks,
  pools: [
    {
      name: 'zones',
      vdevs: [{ kind: 'mirror', disks: ['c0t0d0', 'c0t1d0'] }],
      logs: [{ kind: 'disk', disks: ['c0t7d0'] }],
      caches: [],
      spares: ['c0t6d0'],
      ashift: 12,
      usedBytes: GIB,
    },
  ],
} as unknown as Node;

const image = { uuid: 'i1', name: 'base', type: 'zone-dataset', sizeBytes: 2 * GIB } as unknown as Image;

const vm = {
  uuid: 'v1',
  node: 'cn-0001',
  pool: 'zones',
  imageUuid: 'i1',
  disks: [],
  delegateDataset: true,
  dataBytes: 3 * GIB,
  recordSizeBytes: 131_072,
  limits: { quotaBytes: 20 * GIB, zfsIoPriority: 50 },
} as unknown as Vm;

const datacenter = {
  start: 'running',
  tunables: {},
  nodes: [node],
  images: [image, { ...image, uuid: 'unused' }],
  vms: [vm, { ...vm, uuid: 'elsewhere', node: 'cn-0002' }],
} as unknown as Datacenter;

it('places every pool and disk of a node in one locality', () => {
  const placements = place(datacenter);
  expect(placements.map(({ address }) => address)).toEqual([
    'cn-0001/pool/zones',
    ...disks.map(({ name }) => `cn-0001/disk/${name}`),
  ]);
  expect(new Set(placements.map(({ locality }) => locality))).toEqual(new Set(['storage:cn-0001']));
});

it('fills the pool with what its VMs hold: 1 + 2 GiB of image + 3 GiB of data, clones for nothing', () => {
  const host = createHost({
    seed: 1,
    services: [service],
    placements: place(datacenter),
    rules: { lookaheadNs: 250_000, controlWindowNs: 50 * MS },
  });
  const { tree, priorities, logTops, spares } = host.stateOf<PoolState>('cn-0001/pool/zones');
  expect([...tree.keys()]).toEqual(['zones', 'zones/i1', 'zones/v1', 'zones/v1/data']);
  expect(tree.get('zones')?.usedTotal).toBe(6 * GIB);
  expect(tree.get('zones/v1')).toMatchObject({
    quota: 20 * GIB,
    origin: 'zones/i1@final',
    referenced: 5 * GIB,
  });
  expect(priorities).toEqual({ v1: 50 });
  expect([logTops, spares]).toEqual([[1], [3]]);
});

it('lists its faults and repairs with complete parameters', () => {
  expect(faults.map(({ kind }) => kind)).toEqual([
    'disk.corrupt',
    'disk.delay',
    'disk.fail',
    'disk.latent-errors',
    'disk.slow',
  ]);
  expect(faults.every(({ params }) => params.every((param) => param.default !== ''))).toBe(true);
  expect(repairs.map(({ kind }) => kind)).toEqual(['disk.replace', 'zpool.clear']);
});
