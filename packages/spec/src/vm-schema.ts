/** How packages, images and VMs are written. */
import { z } from 'zod';
import {
  choice,
  duration,
  flag,
  form,
  list,
  mac,
  name,
  record,
  selector,
  size,
  text,
  uuid,
  whole,
} from './fields.ts';

/** Resource controls of a zone that vmadm has no property for. */
const burstFields = {
  cpu_baseline: whole(
    'percent of one CPU over which a VM uses up its burst time, under its cap',
    0,
  ).optional(),
  cpu_burst: duration().optional(),
};

/** vmadm's limits, with units. */
const limitFields = {
  cpu_cap: whole('percent of one CPU (for instance 250)', 0).optional(),
  cpu_shares: whole('shares', 1, 65_535).optional(),
  zfs_io_priority: whole('I/O shares', 1, 16_384).optional(),
  memory: size({ least: 1_048_576, words: 'from 1MiB' }).optional(),
  swap: size().optional(),
  locked: size().optional(),
  tmpfs: size().optional(),
  quota: size().optional(),
  max_lwps: whole('light-weight processes', 1, 1_000_000).optional(),
  vcpus: whole('virtual CPUs', 1, 256).optional(),
};

export const packageSchema = record({
  uuid: uuid().optional(),
  version: text('a version').optional(),
  ...limitFields,
  ...burstFields,
});

export const bootWorkSchema = record({
  cpu: duration().optional(),
  read: size().optional(),
  read_size: size({ least: 512, most: 16_777_216, words: 'from 512B to 16MiB' }).optional(),
});

export const imageSchema = record({
  uuid: uuid().optional(),
  version: text('a version').optional(),
  os: choice('smartos', 'linux', 'windows', 'bsd', 'other').optional(),
  type: choice('zone-dataset', 'lx-dataset', 'zvol').optional(),
  size: size({ least: 1_048_576, words: 'from 1MiB' }),
  file_size: size().optional(),
  boot_work: bootWorkSchema.optional(),
});

export const vmNicSchema = record({
  network: name(),
  ip: text('an IPv4 address or dhcp').optional(),
  mac: mac().optional(),
  primary: flag('whether the default route goes through it').optional(),
});

export const vmDiskSchema = record({
  size: size({ least: 1_048_576, words: 'from 1MiB' }).optional(),
  block_size: size({ least: 512, most: 131_072, words: 'from 512B to 128KiB' }).optional(),
  image: name().optional(),
  boot: flag('whether it boots from this disk').optional(),
});

/** What a simulated VM does that no payload says. */
const behaviourFields = {
  workers: whole('requests worked on at once', 1, 100_000).optional(),
  backlog: whole('requests that may wait', 0, 10_000_000).optional(),
  data: size().optional(),
  working_set: size().optional(),
  resident: size().optional(),
  record_size: size({ least: 512, most: 1_048_576, words: 'from 512B to 1MiB' }).optional(),
  boot_work: bootWorkSchema.optional(),
  shutdown: duration().optional(),
  ...burstFields,
};

export const behaviourNames: readonly string[] = Object.keys(behaviourFields);

export const payloadRef = z
  .union([z.string().min(1), z.record(z.string(), z.unknown())], {
    error: 'expected a vmadm create payload: a file name, or the map itself',
  })
  .meta({ description: 'a real vmadm create payload, unchanged: a JSON file, or inline' });

export const vmSchema = record({
  name: name().optional(),
  /** With a count, the VMs are name-0, name-1, and so on. */
  count: whole('VMs alike', 1, 100_000).optional(),
  /** An address, a host name or a glob; `any`: the head node places it when the run begins, so nothing can call it. */
  node: text('a node').optional(),
  rack: name().optional(),
  payload: payloadRef.optional(),
  ...behaviourFields,
  brand: choice('joyent', 'joyent-minimal', 'lx', 'kvm', 'bhyve', 'builder').optional(),
  uuid: uuid().optional(),
  hostname: form('a host name', /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/).optional(),
  owner: uuid().optional(),
  autoboot: flag('whether it boots with its node').optional(),
  image: name().optional(),
  package: name().optional(),
  pool: name().optional(),
  networks: selector('names of networks, a NIC for each').optional(),
  nics: list(vmNicSchema, 'NICs').optional(),
  disks: list(vmDiskSchema, 'disks').optional(),
  delegate_dataset: flag('whether it has a dataset of its own to manage').optional(),
  ...limitFields,
});

/** Behaviour of a VM that is made from a bare payload, as keys of its internal_metadata: `orrery:workers`. */
export const behaviourSchema = record(behaviourFields);

export type Behaviour = z.output<typeof behaviourSchema>;
export type ImageEntry = z.output<typeof imageSchema>;
export type PackageEntry = z.output<typeof packageSchema>;
export type VmEntry = z.output<typeof vmSchema>;
export type VmDiskEntry = z.output<typeof vmDiskSchema>;
export type VmNicEntry = z.output<typeof vmNicSchema>;
