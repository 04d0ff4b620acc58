/** The datacenter as its facts tell it, up to now: plain data, folded from the log, asked by lists and by commands. */
import type { Datacenter } from '@orrery/spec';

export interface NodeView {
  address: string;
  state: string;
  /** ns. */
  since: number;
  /** As the head node sees it. */
  status: string;
  /** CPU time used in the last second reported, ns, and that second's begin. */
  cpuNs: number;
  servedAt: number;
}

/** What a VM served in one second. */
export interface Served {
  from: number;
  requests: number;
  errors: number;
  /** Summed, ns. */
  latencyNs: number;
  p99Ns: number;
}

export interface VmView {
  uuid: string;
  alias: string;
  /** Address; '' while it has none. */
  node: string;
  brand: string;
  memoryBytes: number;
  state: string;
  zoneState: string;
  since: number;
  served: Served;
  /** What the head node does with it; '' when nothing. */
  job: string;
  error: string;
}

export interface PoolView {
  address: string;
  state: string;
  since: number;
  suspended: boolean;
  /** '' when nothing is resilvered. */
  resilvering: string;
  doneBytes: number;
  totalBytes: number;
  /** Those that are not ONLINE. */
  vdevs: Map<string, { state: string; aux: string }>;
  filesLost: number;
}

export interface FaultView {
  faultId: string;
  kind: string;
  target: string;
  params: string;
  askedBy: string;
  /** ns; 0: not. */
  injectedAt: number;
  revertedAt: number;
  repairedAt: number;
}

export interface CaseView {
  uuid: string;
  node: string;
  code: string;
  severity: string;
  state: string;
  listedAt: number;
  suspects: string[];
}

export interface DatacenterView {
  readonly datacenter: Datacenter;
  /** Addresses by actor id, those made at run time included. */
  readonly addresses: Map<number, string>;
  readonly nodes: Map<string, NodeView>;
  readonly vms: Map<string, VmView>;
  readonly pools: Map<string, PoolView>;
  readonly faults: Map<string, FaultView>;
  readonly cases: Map<string, CaseView>;
  facts: number;
}

const nothingServed = (): Served => ({ from: -1, requests: 0, errors: 0, latencyNs: 0, p99Ns: 0 });

/** A VM that nothing is known of but its name. */
export function newVm(uuid: string): VmView {
  return {
    uuid,
    alias: '',
    node: '',
    brand: '',
    memoryBytes: 0,
    state: 'provisioning',
    zoneState: '',
    since: 0,
    served: nothingServed(),
    job: '',
    error: '',
  };
}

/** The view at time 0. @param addresses of the specification's actors, by id */
export function newView(datacenter: Datacenter, addresses: ReadonlyMap<number, string>): DatacenterView {
  const running = datacenter.start === 'running';
  const view: DatacenterView = {
    datacenter,
    addresses: new Map(addresses),
    nodes: new Map(),
    vms: new Map(),
    pools: new Map(),
    faults: new Map(),
    cases: new Map(),
    facts: 0,
  };
  for (const { address, pools } of datacenter.nodes) {
    const state = running ? 'running' : 'off';
    view.nodes.set(address, { address, state, since: 0, status: state, cpuNs: 0, servedAt: -1 });
    for (const { name } of pools)
      view.pools.set(`${address}/pool/${name}`, newPool(`${address}/pool/${name}`));
  }
  for (const vm of datacenter.vms) {
    const up = running && vm.autoboot && vm.node !== '';
    view.vms.set(vm.uuid, {
      ...newVm(vm.uuid),
      alias: vm.alias,
      node: vm.node,
      brand: vm.brand,
      memoryBytes: vm.limits.memoryBytes,
      state: up ? 'running' : 'stopped',
      zoneState: up ? 'running' : 'installed',
    });
  }
  return view;
}

function newPool(address: string): PoolView {
  return {
    address,
    state: 'ONLINE',
    since: 0,
    suspended: false,
    resilvering: '',
    doneBytes: 0,
    totalBytes: 0,
    vdevs: new Map(),
    filesLost: 0,
  };
}
