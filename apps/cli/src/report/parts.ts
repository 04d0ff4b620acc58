/** Use of disks, links, CPUs and ARC by bucket. */
import { GIB, SECOND } from '@orrery/kernel';
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';
import type { Datacenter } from '@orrery/spec';
import { addAt, raiseAt } from './buckets.ts';
import { shorten, withGaps } from './groups.ts';
import type { Series } from './model.ts';

/** Lines of one chart; the parts used least are left out. */
const LINES_MAX = 8;
/** Parts followed at once, of a kind. */
const PARTS_MAX = 4_096;

type Lines = Map<string, (number | null)[]>;

export interface Parts {
  widthNs: number;
  /** `cn-0001 zones` by a disk's address. */
  poolOfDisk: Map<string, string>;
  cpus: Map<string, number>;
  disks: Lines;
  links: Lines;
  cpu: Map<string, number[]>;
  arc: Lines;
}

export function createParts(datacenter: Datacenter, widthNs: number): Parts {
  const poolOfDisk = new Map<string, string>();
  const cpus = new Map<string, number>();
  for (const node of datacenter.nodes) {
    cpus.set(node.address, node.cpus);
    for (const pool of node.pools) {
      const disks = [...pool.vdevs, ...pool.logs].flatMap((vdev) => vdev.disks);
      for (const disk of [...disks, ...pool.spares, ...pool.caches]) {
        poolOfDisk.set(`${node.address}/disk/${disk}`, `${node.address} ${pool.name}`);
      }
    }
  }
  return { widthNs, poolOfDisk, cpus, disks: new Map(), links: new Map(), cpu: new Map(), arc: new Map() };
}

function raise(lines: Lines, name: string, index: number, value: number): void {
  let values = lines.get(name);
  if (values === undefined) {
    if (lines.size >= PARTS_MAX) return;
    lines.set(name, (values = []));
  }
  raiseAt(values, index, value);
}

/** Bucket of a second that ended at `time`, ns. */
function bucketOf(parts: Parts, time: number): number {
  return Math.floor(Math.max(0, time - 1) / parts.widthNs);
}

export function observeParts(parts: Parts, fact: HostFact): void {
  const { address, time } = fact;
  if (fact.kind === 'diskServed') {
    const pool = parts.poolOfDisk.get(address);
    const { busyNs } = fact.payload as Facts['diskServed'];
    if (pool !== undefined)
      raise(parts.disks, pool, bucketOf(parts, time), Math.min(100, (busyNs / SECOND) * 100));
  } else if (fact.kind === 'linkServed') {
    const { link, utilizationPpm } = fact.payload as Facts['linkServed'];
    raise(parts.links, link, bucketOf(parts, time), utilizationPpm / 10_000);
  } else if (fact.kind === 'nodeServed') {
    const { from, cpuNs, arcBytes } = fact.payload as Facts['nodeServed'];
    const node = address.split('/')[0];
    const index = Math.floor(from / parts.widthNs);
    let values = parts.cpu.get(node);
    if (values === undefined) parts.cpu.set(node, (values = []));
    addAt(values, index, cpuNs / (parts.cpus.get(node) ?? 1));
    raise(parts.arc, node, index, arcBytes / GIB);
  } else if (fact.kind === 'nodeStateChanged') {
    const { state } = fact.payload as Facts['nodeStateChanged'];
    if (state === 'panicked' || state === 'off' || state === 'post')
      raise(parts.arc, address, bucketOf(parts, time) + 1, 0);
  }
}

/** The lines used most, by name; where a part reported nothing it did nothing, and what it `keeps` stayed as it was. */
function busiest(lines: Lines, buckets: number, keeps = false): Series[] {
  const peak = (values: readonly (number | null)[]) =>
    values.reduce<number>((most, v) => Math.max(most, v ?? 0), 0);
  const shown = [...lines]
    .sort((a, b) => peak(b[1]) - peak(a[1]) || (a[0] < b[0] ? -1 : 1))
    .slice(0, LINES_MAX);
  shown.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return shown.map(([name, values]) => {
    let last = 0;
    const filled = withGaps(values, buckets).map((value) => {
      if (value !== null && value !== undefined) last = value;
      return value ?? (keeps ? last : 0);
    });
    return { name, values: filled };
  });
}

export function partSeries(
  parts: Parts,
  buckets: number,
): { pools: Series[]; links: Series[]; cpu: Series[]; arc: Series[] } {
  const percent = (ns: number) => shorten((ns / parts.widthNs) * 100);
  const cpu: Lines = new Map([...parts.cpu].map(([name, values]) => [name, values.map(percent)]));
  return {
    pools: busiest(parts.disks, buckets),
    links: busiest(parts.links, buckets),
    cpu: busiest(cpu, buckets),
    arc: busiest(parts.arc, buckets, true),
  };
}
