/** How racks, profiles, pools, switches and networks are written. */
import { z } from 'zod';
import {
  choice,
  duration,
  flag,
  form,
  list,
  mac,
  name,
  named,
  rate,
  record,
  selector,
  share,
  size,
  text,
  throughput,
  uuid,
  whole,
} from './fields.ts';

const diskNameWords = 'a disk name (for instance c0t0d0)';
const diskName = () => form(diskNameWords, /^c\d{1,3}t[0-9A-F]{1,16}d\d{1,3}$/);

export const diskSchema = record({
  name: diskName(),
  /** With `name: c0t0d0`, six of them are c0t0d0 to c0t5d0. */
  count: whole('disks alike, numbered on by target', 1, 256).optional(),
  kind: choice('hdd', 'ssd', 'nvme'),
  size: size({ least: 1_000_000_000, words: 'from 1GB' }),
  model: text('a model').optional(),
  serial: text('a serial number').optional(),
  sector: size({ least: 512, most: 4096, words: '512B or 4KiB' }).optional(),
  rpm: whole('revolutions a minute', 3600, 15000).optional(),
  seek_track: duration().optional(),
  seek_average: duration().optional(),
  seek_full: duration().optional(),
  transfer: throughput().optional(),
  transfer_inner: throughput().optional(),
  channels: whole('operations at once', 1, 1024).optional(),
  read_latency: duration().optional(),
  write_latency: duration().optional(),
  power_loss_protection: flag('whether its cache survives a power cut').optional(),
});

const vdevDisks = selector('a list of disk names, or a range (c0t0d0..c0t4d0)');

/** A vdev has one key: what it is. */
export const vdevSchema = record({
  mirror: vdevDisks.optional(),
  raidz1: vdevDisks.optional(),
  raidz2: vdevDisks.optional(),
  raidz3: vdevDisks.optional(),
  disk: vdevDisks.optional(),
}).refine((vdev) => Object.keys(vdev).length === 1, {
  error: 'expected one of mirror, raidz1, raidz2, raidz3, disk, with its disks',
});

export const poolSchema = record({
  vdevs: list(vdevSchema, 'vdevs').min(1, { error: 'expected at least one vdev' }),
  logs: list(vdevSchema, 'log vdevs').optional(),
  caches: selector('disk names').optional(),
  spares: selector('disk names').optional(),
  ashift: whole('bits of the least write', 9, 16).optional(),
  used: size().optional(),
});

const poolsSchema = named(poolSchema, 'pools');

export const nicSchema = record({
  name: form('a NIC name (for instance ixgbe0)', /^[a-z][a-z0-9_]{0,28}\d{1,3}$/),
  rate: rate().optional(),
  tags: list(name(), 'NIC tags').optional(),
  /** Index into the rack's switches, or the name of any switch. */
  switch: name().optional(),
  mac: mac().optional(),
});

const psuSchema = record({ name: name(), feed: name() });
const dimmSchema = record({ name: name(), size: size({ least: 1 }) });

const countOr = <Item extends z.ZodType>(item: Item, what: string, most: number) => {
  const error = `expected a number of ${what} from 1 to ${most}, or a list of them`;
  return z.union([z.int().min(1).max(most), z.array(item).min(1).max(most)], { error });
};

export const timingsSchema = record({
  post: duration().optional(),
  platform_load: duration().optional(),
  boot: duration().optional(),
  dump: duration().optional(),
  spread: share().optional(),
});

export const profileSchema = record({
  /** A file with the JSON that `sysinfo` prints; what is written beside it wins. */
  sysinfo: text('a file with the output of sysinfo').optional(),
  cpus: whole('hardware threads', 1, 1024).optional(),
  cores: whole('cores', 1, 1024).optional(),
  sockets: whole('sockets', 1, 16).optional(),
  memory: size({ least: 268_435_456, words: 'from 256MiB' }).optional(),
  dimms: countOr(dimmSchema, 'DIMMs', 128).optional(),
  psus: countOr(psuSchema, 'power supplies', 8).optional(),
  nics: list(nicSchema, 'NICs').optional(),
  disks: list(diskSchema, 'disks').optional(),
  pools: poolsSchema.optional(),
  timings: timingsSchema.optional(),
});

const hostnameWords = 'a host name (letters, digits and dashes)';
const hostname = () => form(hostnameWords, /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/);

export const namedNodeSchema = record({
  /** Its address; numbered like the others (cn-0007) when it is left out. */
  name: form(
    'a node name (for instance cn-0007, or cn-db-a)',
    /^cn-[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/,
  ).optional(),
  hostname: hostname().optional(),
  uuid: uuid().optional(),
  profile: name(),
});

const countedNodesSchema = record({
  count: whole('nodes', 1, 10_000),
  profile: name(),
});

export const rackSchema = record({
  feeds: list(name(), 'power feeds').optional(),
  switches: list(name(), 'switches').optional(),
  nodes: z.union([countedNodesSchema, z.array(namedNodeSchema)], {
    error: 'expected {count: 8, profile: NAME}, or a list of nodes {profile: NAME, name: cn-…, hostname: …}',
  }),
});

export const uplinkSchema = record({
  name: name().optional(),
  /** A switch, or `border`. */
  to: name(),
  rate: rate().optional(),
  latency: duration().optional(),
});

export const switchSchema = record({
  rack: name().optional(),
  feeds: list(name(), 'power feeds').optional(),
  latency: duration().optional(),
  uplinks: list(uplinkSchema, 'uplinks').optional(),
});

const ipv4 = () => form('an IPv4 address', /^\d{1,3}(\.\d{1,3}){3}$/);

export const networkSchema = record({
  uuid: uuid().optional(),
  tag: name().optional(),
  vlan: whole('a VLAN', 0, 4094).optional(),
  subnet: form('an IPv4 subnet (for instance 10.20.0.0/16)', /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/),
  gateway: ipv4().optional(),
  mtu: whole('bytes', 576, 9000).optional(),
  provision_start: ipv4().optional(),
  provision_end: ipv4().optional(),
  resolvers: list(ipv4(), 'IPv4 addresses').optional(),
});

export type DiskEntry = z.output<typeof diskSchema>;
export type NamedNodeEntry = z.output<typeof namedNodeSchema>;
export type NetworkEntry = z.output<typeof networkSchema>;
export type PoolEntry = z.output<typeof poolSchema>;
export type ProfileEntry = z.output<typeof profileSchema>;
export type RackEntry = z.output<typeof rackSchema>;
export type SwitchEntry = z.output<typeof switchSchema>;
export type VdevEntry = z.output<typeof vdevSchema>;
