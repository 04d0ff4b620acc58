/** Pools of a profile: which disks make which vdevs, and what zpool would refuse. */
import { complain, type Context } from './context.ts';
import { diskRange } from './disk-figures.ts';
import type { PoolEntry, VdevEntry } from './hardware-schema.ts';
import type { Disk, Pool, Vdev, VdevKind } from './model.ts';
import { byCodeUnit, suggest } from './near.ts';
import type { Path } from './problem.ts';

const disksMin: Readonly<Record<VdevKind, number>> = { disk: 1, mirror: 2, raidz1: 2, raidz2: 3, raidz3: 4 };
const parity: Readonly<Record<VdevKind, number>> = { disk: 0, mirror: 0, raidz1: 1, raidz2: 2, raidz3: 3 };
const kinds: readonly VdevKind[] = ['disk', 'mirror', 'raidz1', 'raidz2', 'raidz3'];

/** Disks that are already in a vdev, by name, and in which pool. */
type Taken = Map<string, string>;

interface Bench {
  readonly context: Context;
  readonly disks: readonly Disk[];
  readonly taken: Taken;
  readonly pool: string;
}

/** All pools of one profile, by name. `path` is where the map of them stands. */
export function expandPools(
  context: Context,
  path: Path,
  entries: Readonly<Record<string, PoolEntry>>,
  disks: readonly Disk[],
): Pool[] {
  const taken: Taken = new Map();
  return Object.keys(entries)
    .sort(byCodeUnit)
    .map((name) => {
      const bench: Bench = { context, disks, taken, pool: name };
      return expandPool(bench, [...path, name], entries[name]!);
    });
}

function expandPool(bench: Bench, path: Path, entry: PoolEntry): Pool {
  const vdevs = entry.vdevs.flatMap((vdev, i) => expandVdev(bench, [...path, 'vdevs', i], vdev));
  const logs = (entry.logs ?? []).flatMap((vdev, i) => expandVdev(bench, [...path, 'logs', i], vdev));
  for (const [i, log] of logs.entries()) {
    if (log.kind !== 'disk' && log.kind !== 'mirror') {
      complain(bench.context, [...path, 'logs', i], `expected a disk or a mirror as log, found ${log.kind}`);
    }
  }
  const caches = take(bench, [...path, 'caches'], entry.caches ?? []);
  const spares = take(bench, [...path, 'spares'], entry.spares ?? []);
  const used = vdevs.flatMap((vdev) => vdev.disks);
  const coarse = bench.disks.some((disk) => used.includes(disk.name) && disk.sectorBytes > 512);
  const pool: Pool = {
    name: bench.pool,
    vdevs,
    logs,
    caches,
    spares,
    ashift: entry.ashift ?? (coarse ? 12 : 9),
    usedBytes: entry.used ?? 0,
  };
  if (pool.usedBytes > capacityBytes(pool, bench.disks) && used.length > 0) {
    complain(
      bench.context,
      [...path, 'used'],
      `is more than the pool holds, ${capacityBytes(pool, bench.disks)} bytes`,
    );
  }
  return pool;
}

/** A vdev, or one for each disk of `disk: [a, b]`. */
function expandVdev(bench: Bench, path: Path, entry: VdevEntry): Vdev[] {
  const kind = kinds.find((one) => entry[one] !== undefined)!;
  const disks = take(bench, [...path, kind], entry[kind]!);
  if (kind === 'disk') return disks.map((disk) => ({ kind, disks: [disk] }));
  const least = disksMin[kind];
  if (disks.length < least) {
    const names = disks.length === 0 ? '' : `: ${disks.join(', ')}`;
    complain(bench.context, path, `${kind} needs at least ${least} disks, found ${disks.length}${names}`);
  }
  return [{ kind, disks }];
}

/** The named disks, none of which may be in use. */
function take(bench: Bench, path: Path, written: readonly string[]): string[] {
  const names: string[] = [];
  for (const [i, text] of written.entries()) {
    // A single name may be written without its list: then there is no [0] in the file.
    const at = written.length === 1 ? path : [...path, i];
    for (const name of diskRange(text) ?? [text]) {
      const owner = bench.taken.get(name);
      if (!bench.disks.some((disk) => disk.name === name)) {
        const hint = suggest(
          name,
          bench.disks.map((disk) => disk.name),
        );
        complain(bench.context, at, `expected the name of a disk, found "${name}": ${hint}`);
      } else if (owner !== undefined) {
        complain(
          bench.context,
          at,
          `disk ${name} is already in ${owner === bench.pool ? 'this pool' : `pool ${owner}`}`,
        );
      }
      bench.taken.set(name, bench.pool);
      names.push(name);
    }
  }
  return names;
}

/** Bytes that data can take: the smallest disk counts for each in a vdev, parity and mirrors taken off. */
export function capacityBytes(pool: Pool, disks: readonly Disk[]): number {
  let total = 0;
  for (const vdev of pool.vdevs) {
    const sizes = vdev.disks.map((name) => disks.find((disk) => disk.name === name)?.sizeBytes ?? 0);
    const smallest = sizes.reduce((least, size) => Math.min(least, size), Infinity);
    const width = vdev.kind === 'mirror' ? 1 : vdev.disks.length - parity[vdev.kind];
    if (Number.isFinite(smallest)) total += smallest * Math.max(width, 0);
  }
  return total;
}

/** What `disklayout` would make of the disks: mirrored pairs, an odd one as spare, flash before platters as log. */
export function defaultPools(disks: readonly Disk[]): Record<string, PoolEntry> {
  const platters = disks.filter((disk) => disk.kind === 'hdd');
  const primary = (platters.length > 0 ? platters : disks).map((disk) => disk.name);
  const log = platters.length > 0 ? disks.find((disk) => disk.kind !== 'hdd') : undefined;
  if (primary.length === 0) return {};
  const pairs = Array.from({ length: Math.floor(primary.length / 2) }, (_, i) =>
    primary.slice(2 * i, 2 * i + 2),
  );
  const vdevs = primary.length === 1 ? [{ disk: primary }] : pairs.map((mirror) => ({ mirror }));
  const odd = primary.length > 1 && primary.length % 2 === 1 ? [primary.at(-1)!] : undefined;
  return {
    zones: { vdevs, logs: log === undefined ? undefined : [{ disk: [log.name] }], spares: odd },
  };
}
