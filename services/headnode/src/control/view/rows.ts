/** The view as the control API's lists: sorted, selected, with the figures of the last second. */
import type { CaseRow, FaultRow, NodeRow, PoolRow, VmRow } from '@orrery/proto';
import { matchesGlob } from '@orrery/spec';
import { caseOpen } from './fold-trouble.ts';
import type { DatacenterView, FaultView, VmView } from './state.ts';

const SECOND_NS = 1_000_000_000;
/** What was served longer ago than this says nothing of now, ns. */
const FRESH_NS = 3 * SECOND_NS;

const fits = (match: string, names: readonly string[]) =>
  match === '' || names.some((name) => matchesGlob(match, name));

/** @param now ns */
export function nodeRows(view: DatacenterView, match: string, now: number): NodeRow[] {
  const vms = [...view.vms.values()];
  return view.datacenter.nodes
    .filter(({ address, hostname }) => fits(match, [address, hostname]))
    .map((node) => {
      const { address, hostname, uuid, rack, cpus, memoryBytes, pools } = node;
      const seen = view.nodes.get(address);
      const here = vms.filter((vm) => vm.node === address);
      const fresh = seen !== undefined && seen.servedAt >= 0 && now - seen.servedAt <= FRESH_NS;
      return {
        address,
        hostname,
        uuid,
        rack,
        state: seen?.state ?? '',
        since: seen?.since ?? 0,
        status: seen?.status ?? '',
        cpus,
        memoryBytes,
        vms: here.length,
        vmsRunning: here.filter(({ state }) => state === 'running').length,
        cpuShare: fresh ? (seen?.cpuNs ?? 0) / (SECOND_NS * Math.max(1, cpus)) : 0,
        pools: pools.map(({ name }) => `${address}/pool/${name}`),
      };
    });
}

export function vmRows(view: DatacenterView, match: string, node: string, now: number): VmRow[] {
  return [...view.vms.values()]
    .filter((vm) => fits(match, [vm.alias, vm.uuid]) && (node === '' || vm.node === node))
    .sort((a, b) => byText(a.alias, b.alias) || byText(a.uuid, b.uuid))
    .map((vm) => vmRow(vm, now));
}

function vmRow(vm: VmView, now: number): VmRow {
  const { served, uuid, alias, node, brand, state, zoneState, since, memoryBytes, job, error } = vm;
  const fresh = served.from >= 0 && now - served.from <= FRESH_NS;
  return {
    uuid,
    alias,
    node,
    brand,
    state,
    zoneState,
    since,
    requestsPerSecond: fresh ? served.requests : 0,
    meanNs: fresh && served.requests > 0 ? Math.round(served.latencyNs / served.requests) : 0,
    p99Ns: fresh ? served.p99Ns : 0,
    errors: fresh ? served.errors : 0,
    memoryBytes,
    job,
    error,
  };
}

export function poolRows(view: DatacenterView, match: string): PoolRow[] {
  return [...view.pools.values()]
    .filter(({ address }) => fits(match, [address]))
    .map((pool) => ({
      address: pool.address,
      state: pool.suspended ? 'SUSPENDED' : pool.state,
      since: pool.since,
      resilvering: pool.resilvering,
      resilverDoneBytes: pool.doneBytes,
      resilverTotalBytes: pool.totalBytes,
      vdevs: [...pool.vdevs]
        .map(([vdev, { state, aux }]) => ({ vdev, state, aux }))
        .sort((a, b) => byText(a.vdev, b.vdev)),
      filesLost: pool.filesLost,
    }));
}

/** Whether a fault still does what it does. */
export function faultActive({ revertedAt, repairedAt }: FaultView): boolean {
  return revertedAt === 0 && repairedAt === 0;
}

/** @param revertAt when a fault will be reverted by itself, ns; 0: never */
export function faultRows(
  view: DatacenterView,
  activeOnly: boolean,
  revertAt: (faultId: string) => number,
): FaultRow[] {
  return [...view.faults.values()]
    .filter((fault) => !activeOnly || faultActive(fault))
    .map((fault) => ({ ...fault, revertAt: faultActive(fault) ? revertAt(fault.faultId) : 0 }));
}

export function caseRows(view: DatacenterView, openOnly: boolean): CaseRow[] {
  return [...view.cases.values()].filter((row) => !openOnly || caseOpen(row));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
