/** A node profile, expanded once for all nodes that have it. */
import { complain, type Context } from './context.ts';
import { diskOf, numberedDisks } from './disk-figures.ts';
import type { PoolEntry, ProfileEntry } from './hardware-schema.ts';
import type { Dimm, Disk, NodeTimings, Pool } from './model.ts';
import { defaultPools, expandPools } from './pools.ts';
import type { Path } from './problem.ts';
import type { Item } from './shape.ts';
import { readSysinfo, type SysinfoFacts } from './sysinfo.ts';

export interface Profile {
  readonly name: string;
  readonly path: Path;
  readonly cpus: number;
  readonly cores: number;
  readonly sockets: number;
  readonly memoryBytes: number;
  readonly timings: NodeTimings;
  /** A feed of '' is the rack's, in turn. */
  readonly psus: readonly { readonly name: string; readonly feed: string }[];
  readonly dimms: readonly Dimm[];
  readonly nics: readonly ProfileNic[];
  readonly disks: readonly Disk[];
  readonly pools: readonly Pool[];
  /** The machine a sysinfo file was printed on: identity of the node, when the profile makes just one. */
  readonly machine: SysinfoFacts | undefined;
}

export interface ProfileNic {
  readonly name: string;
  readonly rateBps: number;
  readonly tags: readonly string[];
  /** Name of a switch; '' is the rack's, in turn. */
  readonly switch: string;
  readonly mac: string;
}

const second = 1_000_000_000;
const gibibyte = 1_073_741_824;

export function expandProfile(
  context: Context,
  item: Item<ProfileEntry> & { readonly name: string },
  poolsOfAll: Readonly<Record<string, PoolEntry>> | undefined,
): Profile {
  const { path, name } = item;
  const machine =
    item.value.sysinfo === undefined
      ? undefined
      : readSysinfo(context, [...path, 'sysinfo'], item.value.sysinfo);
  const entry: ProfileEntry = { ...machine?.profile, ...defined(item.value) };
  const disks = expandDisks(context, path, entry);
  const memoryBytes = entry.memory ?? 64 * gibibyte;
  const cpus = entry.cpus ?? 16;
  const cores = entry.cores ?? Math.max(1, Math.ceil(cpus / 2));
  const sockets = entry.sockets ?? 1;
  if (cores > cpus)
    complain(context, [...path, 'cores'], `expected at most ${cpus}, the hardware threads, found ${cores}`);
  if (sockets > cores)
    complain(context, [...path, 'sockets'], `expected at most ${cores}, the cores, found ${sockets}`);
  return {
    name,
    path,
    cpus,
    cores,
    sockets,
    memoryBytes,
    timings: timingsOf(entry.timings),
    psus: psusOf(entry.psus ?? 2),
    dimms: dimmsOf(entry.dimms ?? 8, memoryBytes),
    nics: (entry.nics ?? [{ name: 'ixgbe0' }]).map((nic) => ({
      name: nic.name,
      rateBps: nic.rate ?? 10_000_000_000,
      tags: nic.tags ?? ['admin', 'external'],
      switch: nic.switch ?? '',
      mac: nic.mac ?? '',
    })),
    disks,
    pools: item.partial ? [] : poolsFor(context, item, machine, poolsOfAll, disks),
    machine,
  };
}

/** Without the fields that are there but undefined, which would hide those of sysinfo. */
function defined(entry: ProfileEntry): Partial<ProfileEntry> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

/** The profile's own pools, else those of sysinfo, else the file's, else what disklayout makes. */
function poolsFor(
  context: Context,
  item: Item<ProfileEntry>,
  machine: SysinfoFacts | undefined,
  poolsOfAll: Readonly<Record<string, PoolEntry>> | undefined,
  disks: readonly Disk[],
): Pool[] {
  const own = item.value.pools;
  if (own !== undefined) return expandPools(context, [...item.path, 'pools'], own, disks);
  if (machine?.profile.pools !== undefined)
    return expandPools(context, item.path, machine.profile.pools, disks);
  if (poolsOfAll !== undefined) return expandPools(context, ['pools'], poolsOfAll, disks);
  return expandPools(context, item.path, defaultPools(disks), disks);
}

function expandDisks(context: Context, path: Path, entry: ProfileEntry): Disk[] {
  const disks: Disk[] = [];
  for (const [i, disk] of (entry.disks ?? []).entries()) {
    const names = numberedDisks(disk.name, disk.count ?? 1);
    const at = [...path, 'disks', i];
    if (names === undefined) {
      complain(
        context,
        [...at, 'count'],
        `expected no count: ${disk.name} has no target number to count on from`,
      );
    }
    for (const name of names ?? [disk.name]) {
      if (disks.some((one) => one.name === name))
        complain(context, [...at, 'name'], `disk ${name} is there twice`);
      else disks.push(diskOf(name, disk));
    }
  }
  return disks;
}

function timingsOf(entry: ProfileEntry['timings']): NodeTimings {
  const spread = entry?.spread ?? 0.05;
  return {
    post: { ns: entry?.post ?? 60 * second, spread },
    platformLoad: { ns: entry?.platform_load ?? 15 * second, spread },
    boot: { ns: entry?.boot ?? 45 * second, spread },
    dump: { ns: entry?.dump ?? 20 * second, spread },
  };
}

function psusOf(psus: NonNullable<ProfileEntry['psus']>): Profile['psus'] {
  if (typeof psus !== 'number') return psus;
  return Array.from({ length: psus }, (_, i) => ({ name: String(i), feed: '' }));
}

function dimmsOf(dimms: NonNullable<ProfileEntry['dimms']>, memoryBytes: number): Dimm[] {
  if (typeof dimms !== 'number') return dimms.map((dimm) => ({ name: dimm.name, sizeBytes: dimm.size }));
  const each = Math.floor(memoryBytes / dimms);
  return Array.from({ length: dimms }, (_, i) => ({
    name: String(i),
    sizeBytes: i === 0 ? memoryBytes - each * (dimms - 1) : each,
  }));
}
