/**
 * Whom users felt something through, from one time to another: figures of each VM by `BUCKET_NS`, compared with those before.
 *
 * Rules. 1. As with all figures of VMs, clients outside speak for the VMs that they ask, zones for the others.
 *        2. A VM was felt when in some stretch of `STRETCH_BUCKETS` its mean latency was more than `SLOWER_FROM` times that of
 *           the stretch before, or the share of tries that fail greater by `FAILING_FROM`. A stretch, not the whole: what lasts
 *           a minute is felt, however long the resilver after it takes.
 *        3. With fewer than `TRIES_LEAST` tries before or in the stretch, a mean says nothing.
 *        4. A part of a node is felt through VMs of that node and those that call them; a part of the network through any.
 * Omits. The cause: of two faults at a time within reach of a VM, both are given what its users felt.
 */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';
import type { Datacenter } from '@orrery/spec';
import { calledBy } from '../answers/callees.ts';
import { askedFromOutside } from './vm-figures.ts';

const BUCKET_NS = 5_000_000_000;
/** A minute. */
const STRETCH_BUCKETS = 12;
const SLOWER_FROM = 1.2;
const FAILING_FROM = 0.001;
const TRIES_LEAST = 100;
/** VMs of a larger group are named together. */
const SINGLY_MAX = 3;

/** By bucket; holes where nothing was asked. */
interface Series {
  /** Tries that latency is over. */
  measured: number[];
  failed: number[];
  latencyNs: number[];
}

interface Sum {
  measured: number;
  failed: number;
  latencyNs: number;
}

export class UserWindows {
  private readonly datacenter: Datacenter;
  private readonly outside: ReadonlySet<string>;
  private readonly uuidOf: ReadonlyMap<string, string>;
  private readonly byVm = new Map<string, Series>();

  constructor(datacenter: Datacenter) {
    this.datacenter = datacenter;
    this.outside = askedFromOutside(datacenter);
    this.uuidOf = new Map(datacenter.vms.map(({ alias, uuid }) => [alias, uuid]));
  }

  observe(fact: HostFact): void {
    if (fact.kind === 'zoneServed') {
      const uuid = fact.address.slice(fact.address.lastIndexOf('/') + 1);
      if (this.outside.has(uuid)) return;
      const served = fact.payload as Facts['zoneServed'];
      this.add(uuid, served, served.errors + served.refused);
    } else if (fact.kind === 'clientServed') {
      const served = fact.payload as Facts['clientServed'];
      const uuid = this.uuidOf.get(served.target);
      if (uuid !== undefined) this.add(uuid, served, served.errors + served.retries);
    }
  }

  /** Names of the VMs within reach of `target` that users felt from `from` to `to`, ns: alone, or as `web × 3` when their group is large. */
  felt(target: string, from: number, to: number): string[] {
    const reached = this.reachOf(target);
    const sizes = new Map<string, number>();
    for (const { group } of this.datacenter.vms) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    const names: string[] = [];
    const groups = new Map<string, number>();
    for (const vm of this.datacenter.vms) {
      const series = this.byVm.get(vm.uuid);
      if (series === undefined || !reached(vm.uuid) || !wasFelt(series, from, to)) continue;
      if ((sizes.get(vm.group) ?? 0) <= SINGLY_MAX) names.push(vm.alias);
      else groups.set(vm.group, (groups.get(vm.group) ?? 0) + 1);
    }
    for (const [group, count] of groups) names.push(`${group} × ${count}`);
    return names;
  }

  /** Whether a part can be felt through a VM. */
  private reachOf(target: string): (uuid: string) => boolean {
    const { nodes, vms } = this.datacenter;
    const [node, kind] = target.split('/');
    if (kind === 'nic' || !nodes.some(({ address }) => address === node)) return () => true;
    const reached = new Set(vms.filter((vm) => vm.node === node).map((vm) => vm.uuid));
    const calls = [...calledBy(this.datacenter)];
    let before = -1;
    while (before !== reached.size) {
      before = reached.size;
      for (const [uuid, called] of calls) if (called.some((each) => reached.has(each))) reached.add(uuid);
    }
    return (uuid) => reached.has(uuid);
  }

  private add(uuid: string, served: Facts['zoneServed'] | Facts['clientServed'], failed: number): void {
    let series = this.byVm.get(uuid);
    if (series === undefined) this.byVm.set(uuid, (series = { measured: [], failed: [], latencyNs: [] }));
    const bucket = Math.floor(served.from / BUCKET_NS);
    raise(series.measured, bucket, served.requests + served.errors);
    raise(series.failed, bucket, failed);
    raise(series.latencyNs, bucket, served.latencyNs);
  }
}

function raise(values: number[], index: number, by: number): void {
  while (values.length <= index) values.push(0);
  values[index] += by;
}

function wasFelt(series: Series, from: number, to: number): boolean {
  const first = Math.floor(from / BUCKET_NS);
  const end = Math.floor(to / BUCKET_NS) + 1;
  const before = sumOf(series, Math.max(0, first - STRETCH_BUCKETS), first);
  for (let start = first; start < Math.min(end, series.measured.length); start += STRETCH_BUCKETS) {
    if (isWorse(before, sumOf(series, start, Math.min(end, start + STRETCH_BUCKETS)))) return true;
  }
  return false;
}

function isWorse(before: Sum, now: Sum): boolean {
  if (shareFailed(now) > shareFailed(before) + FAILING_FROM) return true;
  if (before.measured < TRIES_LEAST || now.measured < TRIES_LEAST) return false;
  return now.latencyNs / now.measured > (SLOWER_FROM * before.latencyNs) / before.measured;
}

/** Failed ones may be among the measured: the share is of the greater of both. */
const shareFailed = ({ measured, failed }: Sum) => failed / Math.max(1, measured, failed);

function sumOf({ measured, failed, latencyNs }: Series, first: number, end: number): Sum {
  const sum = { measured: 0, failed: 0, latencyNs: 0 };
  for (let bucket = first; bucket < Math.min(end, measured.length); bucket++) {
    sum.measured += measured[bucket];
    sum.failed += failed[bucket];
    sum.latencyNs += latencyNs[bucket];
  }
  return sum;
}
