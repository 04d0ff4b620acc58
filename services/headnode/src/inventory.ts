/** What the head node knows: servers, VMs, networks, images, tickets. Plain data, in order of address and uuid. */
import type { ActorId } from '@orrery/actor';
import type { Datacenter, Image, Network, Vm } from '@orrery/spec';
import { makePool, type AddressPool } from './model/addresses.ts';
import type { Candidate, Demand } from './model/placement.ts';

export interface Server {
  address: string;
  id: ActorId;
  status: 'running' | 'unknown';
  /** When the newest heartbeat was sent, ns. */
  lastHeartbeat: number;
  memoryBytes: number;
  diskBytes: number;
  cpus: number;
  images: string[];
}

export interface VmRow {
  uuid: string;
  alias: string;
  server: string;
  state: string;
  memoryBytes: number;
  diskBytes: number;
  cpuCap: number;
  addresses: { network: string; ip: string }[];
}

export interface Inventory {
  servers: Server[];
  serverAt: Record<string, number>;
  vms: VmRow[];
  vmAt: Record<string, number>;
  networks: Network[];
  pools: Record<string, AddressPool>;
  images: Image[];
}

export function makeInventory(datacenter: Datacenter, idOf: (address: string) => ActorId): Inventory {
  const inventory: Inventory = {
    servers: [],
    serverAt: {},
    vms: [],
    vmAt: {},
    networks: [...datacenter.networks],
    pools: {},
    images: [...datacenter.images],
  };
  for (const node of datacenter.nodes) {
    inventory.serverAt[node.address] = inventory.servers.length;
    inventory.servers.push({
      address: node.address,
      id: idOf(node.address),
      status: datacenter.start === 'running' ? 'running' : 'unknown',
      lastHeartbeat: 0,
      memoryBytes: node.memoryBytes,
      diskBytes: node.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0),
      cpus: node.cpus,
      images: [],
    });
  }
  for (const vm of datacenter.vms) {
    // Of a VM that is yet to be placed nothing is known but the addresses it will have.
    if (vm.node === '') continue;
    addVm(inventory, vm, vm.node, datacenter.start === 'running' && vm.autoboot ? 'running' : 'stopped');
    const server = serverOf(inventory, vm.node);
    if (server !== undefined && !server.images.includes(vm.imageUuid)) server.images.push(vm.imageUuid);
  }
  for (const network of datacenter.networks) {
    const taken = datacenter.vms.flatMap((vm) =>
      addressesOf(vm)
        .filter((each) => each.network === network.name)
        .map((each) => each.ip),
    );
    inventory.pools[network.name] = makePool(network.provisionStart, network.provisionEnd, taken);
  }
  return inventory;
}

export function addVm(inventory: Inventory, vm: Vm, server: string, state: string): VmRow {
  const row: VmRow = {
    uuid: vm.uuid,
    alias: vm.alias,
    server,
    state,
    memoryBytes: vm.limits.memoryBytes,
    diskBytes: vm.limits.quotaBytes + vm.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0),
    cpuCap: vm.limits.cpuCap,
    addresses: addressesOf(vm),
  };
  inventory.vmAt[row.uuid] = inventory.vms.length;
  inventory.vms.push(row);
  return row;
}

function addressesOf(vm: Vm): VmRow['addresses'] {
  return vm.nics.filter((nic) => /^[0-9]/.test(nic.ip)).map((nic) => ({ network: nic.network, ip: nic.ip }));
}

export function serverOf(inventory: Inventory, address: string): Server | undefined {
  const index = inventory.serverAt[address];
  return index === undefined ? undefined : inventory.servers[index];
}

export function vmOf(inventory: Inventory, uuid: string): VmRow | undefined {
  const index = inventory.vmAt[uuid];
  return index === undefined ? undefined : inventory.vms[index];
}

/** Servers as placement sees them, with what their VMs were promised; VMs still being provisioned count. */
export function candidates(inventory: Inventory): Candidate[] {
  const rows: Candidate[] = inventory.servers.map((server) => ({
    address: server.address,
    running: server.status === 'running',
    memoryBytes: server.memoryBytes,
    diskBytes: server.diskBytes,
    cpus: server.cpus,
    vms: 0,
    cappedVms: 0,
    memoryReservedBytes: 0,
    diskReservedBytes: 0,
    cpuReserved: 0,
  }));
  for (const vm of inventory.vms) {
    const index = inventory.serverAt[vm.server];
    if (index === undefined || vm.state === 'destroyed' || vm.state === 'failed') continue;
    const row = rows[index];
    row.vms++;
    if (vm.cpuCap > 0) row.cappedVms++;
    row.memoryReservedBytes += vm.memoryBytes;
    row.diskReservedBytes += vm.diskBytes;
    row.cpuReserved += vm.cpuCap;
  }
  return rows;
}

export function demandOf(vm: Vm): Demand {
  const disks = vm.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);
  return {
    memoryBytes: vm.limits.memoryBytes,
    diskBytes: vm.limits.quotaBytes + disks,
    cpuCap: vm.limits.cpuCap,
  };
}
