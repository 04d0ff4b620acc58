/** Nodes and zones of a datacenter as actors: what each is told of the spec. */
import type { Placement } from '@orrery/actor';
import type { Datacenter, Node, Vm } from '@orrery/spec';
import type { ImageSize, NodeConfig, NodeInit } from './node/state.ts';
import { zoneConfig, type ZoneInit } from './zone/config.ts';

export function placeLifecycle(datacenter: Datacenter): Placement[] {
  const running = datacenter.start === 'running';
  const warm = datacenter.caches === 'warm';
  const catalogue: ImageSize[] = datacenter.images.map(({ uuid, fileBytes, sizeBytes, type }) => ({
    uuid,
    fileBytes,
    sizeBytes,
    volume: type === 'zvol',
  }));
  const vmsOf = new Map<string, Vm[]>();
  for (const vm of datacenter.vms) {
    const there = vmsOf.get(vm.node);
    if (there === undefined) vmsOf.set(vm.node, [vm]);
    else there.push(vm);
  }
  const placements: Placement[] = [];
  for (const node of datacenter.nodes) {
    const vms = vmsOf.get(node.address) ?? [];
    const locality = `compute:${node.address}`;
    const init: NodeInit = {
      config: nodeConfig(node, catalogue),
      running,
      warm,
      zones: vms.map(({ uuid, pool, autoboot }) => ({ uuid, pool, running: autoboot })),
      images: imagesOf(vms),
    };
    placements.push({ address: node.address, kind: 'node', locality, init });
    for (const vm of vms) {
      const zone: ZoneInit = {
        config: zoneConfig(vm),
        start: running && vm.autoboot ? 'running' : 'installed',
        warm,
      };
      placements.push({ address: `${node.address}/zone/${vm.uuid}`, kind: 'zone', locality, init: zone });
    }
  }
  return placements;
}

function nodeConfig(node: Node, catalogue: readonly ImageSize[]): NodeConfig {
  return {
    timings: node.timings,
    cpus: node.cpus,
    memoryBytes: node.memoryBytes,
    psus: node.psus.map(({ name }) => name),
    dimms: node.dimms.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    mac: (node.nics.find(({ tags }) => tags.includes('admin')) ?? node.nics[0])?.mac ?? '',
    pools: node.pools.map(({ name }) => name),
    catalogue,
  };
}

/** Images that VMs of a node were cloned from are on its pool. */
function imagesOf(vms: readonly Vm[]): string[] {
  const images = new Set<string>();
  for (const vm of vms) {
    if (vm.imageUuid !== '') images.add(vm.imageUuid);
    for (const disk of vm.disks) if (disk.imageUuid !== '') images.add(disk.imageUuid);
  }
  return [...images].sort();
}
