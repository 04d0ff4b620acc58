/** Which actors of storage a datacenter has: each node's pools and disks, in one locality a node. */
import type { Placement } from '@orrery/actor';
import type { Datacenter, Node, Pool, Vm } from '@orrery/spec';
import type { DiskInit } from './actor/disk.ts';
import type { InitialDataset, PoolInit } from './actor/state.ts';

export function place(datacenter: Datacenter): Placement[] {
  const placements: Placement[] = [];
  for (const node of datacenter.nodes) {
    const locality = `storage:${node.address}`;
    for (const pool of node.pools) {
      const init = poolInit(datacenter, node, pool);
      placements.push({ address: `${node.address}/pool/${pool.name}`, kind: 'pool', locality, init });
    }
    for (const disk of node.disks) {
      const pool = node.pools.find((candidate) => disksOf(candidate).includes(disk.name));
      const init: DiskInit = {
        node: node.address,
        name: disk.name,
        serial: disk.serial,
        pool: pool?.name ?? '',
        spare: pool?.spares.includes(disk.name) === true,
      };
      placements.push({ address: `${node.address}/disk/${disk.name}`, kind: 'disk', locality, init });
    }
  }
  return placements;
}

function disksOf(pool: Pool): string[] {
  const vdevs = [...pool.vdevs, ...pool.logs].flatMap((vdev) => vdev.disks);
  return [...vdevs, ...pool.caches, ...pool.spares];
}

function poolInit(datacenter: Datacenter, node: Node, pool: Pool): PoolInit {
  const vms = datacenter.vms.filter((vm) => vm.node === node.address && vm.pool === pool.name);
  const priorities: Record<string, number> = {};
  for (const vm of vms) priorities[vm.uuid] = vm.limits.zfsIoPriority;
  const used = new Set(disksOf(pool));
  return {
    node: node.address,
    pool,
    disks: node.disks.filter((disk) => used.has(disk.name)),
    memoryBytes: node.memoryBytes,
    imported: datacenter.start === 'running',
    datasets: datasetsOf(datacenter, pool.name, vms),
    priorities,
    zoneScheduling: (datacenter.tunables['zfs_zone_schedule_enable'] ?? 1) !== 0,
  };
}

/** Images first, then the VMs' clones of them, each with its own data. */
function datasetsOf(datacenter: Datacenter, pool: string, vms: readonly Vm[]): InitialDataset[] {
  const images = new Set<string>();
  for (const vm of vms) {
    if (vm.imageUuid !== '') images.add(vm.imageUuid);
    for (const disk of vm.disks) if (disk.imageUuid !== '') images.add(disk.imageUuid);
  }
  const datasets: InitialDataset[] = [];
  for (const image of datacenter.images) {
    if (!images.has(image.uuid)) continue;
    const volume = image.type === 'zvol';
    datasets.push({ ...plain(`${pool}/${image.uuid}`), volume, dataBytes: image.sizeBytes, image: true });
  }
  for (const vm of vms) {
    const name = `${pool}/${vm.uuid}`;
    datasets.push({
      ...plain(name),
      origin: vm.imageUuid === '' ? '' : `${pool}/${vm.imageUuid}`,
      dataBytes: vm.dataBytes,
      quotaBytes: vm.limits.quotaBytes,
      recordSize: vm.recordSizeBytes,
    });
    if (vm.delegateDataset) datasets.push(plain(`${name}/data`));
    for (const disk of vm.disks) {
      const origin = disk.imageUuid === '' ? '' : `${pool}/${disk.imageUuid}`;
      const recordSize = disk.blockSizeBytes;
      datasets.push({ ...plain(`${name}-${disk.name}`), volume: true, origin, recordSize });
    }
  }
  return datasets;
}

function plain(name: string): InitialDataset {
  return { name, volume: false, origin: '', dataBytes: 0, quotaBytes: 0, recordSize: 0, image: false };
}
