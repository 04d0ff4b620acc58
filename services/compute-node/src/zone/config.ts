/** What of a VM its zone's life depends on, and how the zone starts. */
import type { ZoneLimits } from '@orrery/proto';
import type { Brand, Limits, Vm } from '@orrery/spec';
import type { ZoneStart } from './machine/zone-machine.ts';

export interface ZoneConfig {
  uuid: string;
  alias: string;
  brand: Brand;
  dataset: string;
  imageUuid: string;
  /** Whether it has a dataset of its own to administer, `data` below its root. */
  delegated: boolean;
  autoboot: boolean;
  limits: ZoneLimits;
  ramBytes: number;
  recordSizeBytes: number;
  dataBytes: number;
  workingSetBytes: number;
  residentBytes: number;
  workers: number;
  backlog: number;
  /** Of its primary NIC; '' without one. */
  network: string;
  bootCpuNs: number;
  bootReadBytes: number;
  bootReadSizeBytes: number;
  shutdownNs: number;
  disks: { dataset: string; reservedBytes: number; blockSizeBytes: number; imageUuid: string }[];
}

export interface ZoneInit {
  config: ZoneConfig;
  start: ZoneStart;
  warm: boolean;
}

const NO_DISKS: ZoneConfig['disks'] = [];

export function zoneConfig(vm: Vm): ZoneConfig {
  return {
    uuid: vm.uuid,
    alias: vm.alias,
    brand: vm.brand,
    dataset: `${vm.pool}/${vm.uuid}`,
    imageUuid: vm.imageUuid,
    delegated: vm.delegateDataset,
    autoboot: vm.autoboot,
    limits: zoneLimits(vm.limits),
    ramBytes: vm.limits.ramBytes,
    recordSizeBytes: vm.recordSizeBytes,
    dataBytes: vm.dataBytes,
    workingSetBytes: vm.workingSetBytes,
    residentBytes: vm.residentBytes,
    workers: vm.workers,
    backlog: vm.backlog,
    network: (vm.nics.find(({ primary }) => primary) ?? vm.nics[0])?.network ?? '',
    bootCpuNs: vm.bootWork.cpuNs,
    bootReadBytes: vm.bootWork.readBytes,
    bootReadSizeBytes: vm.bootWork.readSizeBytes,
    shutdownNs: vm.shutdownNs,
    disks: vm.disks.length === 0 ? NO_DISKS : vm.disks.map((disk) => diskOf(vm, disk)),
  };
}

function diskOf(vm: Vm, disk: Vm['disks'][number]): ZoneConfig['disks'][number] {
  return {
    dataset: `${disk.pool === '' ? vm.pool : disk.pool}/${vm.uuid}-${disk.name}`,
    reservedBytes: disk.refreservationBytes,
    blockSizeBytes: disk.blockSizeBytes,
    imageUuid: disk.imageUuid,
  };
}

function zoneLimits(limits: Limits): ZoneLimits {
  return {
    cpuCap: limits.cpuCap,
    cpuShares: limits.cpuShares,
    zfsIoPriority: limits.zfsIoPriority,
    memoryBytes: limits.memoryBytes,
    swapBytes: limits.swapBytes,
    quotaBytes: limits.quotaBytes,
    vcpus: limits.vcpus,
    cpuBaseline: limits.cpuBaseline,
    cpuBurstNs: limits.cpuBurstNs,
  };
}
