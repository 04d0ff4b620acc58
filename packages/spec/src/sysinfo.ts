/**
 * The JSON that `sysinfo` prints on a real node, as a profile. It tells CPUs, memory, NICs, disks by size and the pool's
 * layout; it does not tell what kind a disk is (taken as a 7,200 rpm disk), nor DIMMs and power supplies (defaults).
 */
import { complain, type Context } from './context.ts';
import { shown, type Path } from './problem.ts';
import type { DiskEntry, PoolEntry, ProfileEntry } from './hardware-schema.ts';
import { byCodeUnit } from './near.ts';
import { child, readSource, siblingPath, valueOf } from './source.ts';

export interface SysinfoFacts {
  readonly profile: ProfileEntry;
  /** Of the one machine it was printed on. */
  readonly uuid: string;
  readonly hostname: string;
}

type Fields = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the file named at `path` of the profile; undefined after saying what is wrong with it. */
export function readSysinfo(context: Context, path: Path, name: string): SysinfoFacts | undefined {
  const file = siblingPath(context.source.file, name);
  if (context.files.read(file) === undefined) {
    complain(context, path, `expected a file with the output of sysinfo, found ${shown(name)}: no such file`);
    return undefined;
  }
  const source = readSource(context.files, file, 'JSON', context.report);
  if (source === undefined) return undefined;
  const inside: Context = { ...context, source };
  const value = valueOf(source, context.report);
  if (!isMap(value)) {
    complain(inside, [], `expected the map that sysinfo prints, found ${shown(value)}`);
    return undefined;
  }
  return factsOf(inside, value);
}

function factsOf(context: Context, value: Fields): SysinfoFacts | undefined {
  const before = context.report.problems.length;
  const memoryMib = count(context, value, ['MiB of Memory']);
  const cpus = count(context, value, ['CPU Count', 'CPU Total Cores', 'CPU Online Count']);
  const sockets = optionalCount(value, ['CPU Socket Count', 'CPU Physical Cores']) ?? 1;
  const cores = optionalCount(value, ['CPU Core Count']) ?? Math.max(1, Math.ceil(cpus / 2));
  const disks = disksOf(context, value);
  const nics = nicsOf(context, value);
  if (context.report.problems.length > before) return undefined;
  const text = (key: string): string => (typeof value[key] === 'string' ? value[key] : '');
  const profile: ProfileEntry = {
    cpus,
    cores,
    sockets,
    memory: memoryMib * 1_048_576,
    nics,
    disks,
    pools: poolsOf(value, disks),
  };
  return { profile, uuid: text('UUID'), hostname: text('Hostname') };
}

/** sysinfo prints some numbers as texts. */
function asCount(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : undefined;
}

function optionalCount(value: Fields, keys: readonly string[]): number | undefined {
  return keys.map((key) => asCount(value[key])).find((number) => number !== undefined);
}

function count(context: Context, value: Fields, keys: readonly string[]): number {
  const found = optionalCount(value, keys);
  if (found !== undefined) return found;
  const key = keys.find((one) => value[one] !== undefined) ?? keys[0]!;
  complain(context, [key], `expected a whole number from 1, found ${shown(value[key])}`);
  return 1;
}

function disksOf(context: Context, value: Fields): DiskEntry[] {
  const disks = value['Disks'];
  if (!isMap(disks)) {
    complain(context, ['Disks'], `expected a map of disks by name, found ${shown(disks)}`);
    return [];
  }
  return Object.keys(disks)
    .sort(byCodeUnit)
    .map((name) => {
      const gigabytes = asCount(child(disks[name], 'Size in GB'));
      if (gigabytes === undefined) {
        const path = ['Disks', name, 'Size in GB'];
        complain(
          context,
          path,
          `expected a whole number from 1, found ${shown(child(disks[name], 'Size in GB'))}`,
        );
      }
      return { name, kind: 'hdd', size: (gigabytes ?? 1) * 1_000_000_000 };
    });
}

function nicsOf(context: Context, value: Fields): NonNullable<ProfileEntry['nics']> {
  const nics = value['Network Interfaces'];
  if (!isMap(nics)) {
    complain(context, ['Network Interfaces'], `expected a map of NICs by name, found ${shown(nics)}`);
    return [];
  }
  return Object.keys(nics)
    .sort(byCodeUnit)
    .map((name) => {
      const tags = child(nics[name], 'NIC Names');
      const names = Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
      const mac = child(nics[name], 'MAC Address');
      return { name, tags: names, mac: typeof mac === 'string' ? mac : undefined };
    });
}

function poolsOf(value: Fields, disks: readonly DiskEntry[]): Record<string, PoolEntry> | undefined {
  const name = value['Zpool'];
  const listed = value['Zpool Disks'];
  if (typeof name !== 'string' || typeof listed !== 'string' || name === '') return undefined;
  const names = listed.split(',').filter((disk) => disks.some((known) => known.name === disk));
  if (names.length === 0) return undefined;
  const layout = typeof value['Zpool Profile'] === 'string' ? value['Zpool Profile'] : 'striped';
  return { [name]: { vdevs: vdevsOf(layout, names) } };
}

function vdevsOf(layout: string, names: readonly string[]): PoolEntry['vdevs'] {
  const disks = [...names];
  if (layout === 'mirror' && disks.length > 1) {
    const pairs = Array.from({ length: Math.floor(disks.length / 2) }, (_, i) =>
      disks.slice(2 * i, 2 * i + 2),
    );
    return pairs.map((mirror) => ({ mirror }));
  }
  if (layout === 'raidz' || layout === 'raidz1') return [{ raidz1: disks }];
  if (layout === 'raidz2') return [{ raidz2: disks }];
  if (layout === 'raidz3') return [{ raidz3: disks }];
  return [{ disk: disks }];
}
