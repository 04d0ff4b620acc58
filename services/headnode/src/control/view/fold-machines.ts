/** What facts tell of nodes, VMs and the head node's jobs. */
import type { Facts } from '@orrery/proto';
import type { Folds } from './fold.ts';
import { newVm, type DatacenterView, type VmView } from './state.ts';

const OVER = new Set(['succeeded', 'failed', 'canceled']);

export const foldsOfMachines: Folds = {
  nodeStateChanged: (view, { state }, address, time) => {
    const node = view.nodes.get(address);
    if (node === undefined) return;
    node.state = state;
    node.since = time;
  },
  nodeServed: (view, { from, cpuNs }, address) => {
    const node = view.nodes.get(address.split('/')[0] ?? '');
    if (node === undefined) return;
    node.cpuNs = cpuNs;
    node.servedAt = from;
  },
  serverStatusChanged: (view, { server, status }) => {
    const node = view.nodes.get(server);
    if (node !== undefined) node.status = status;
  },
  zoneStateChanged: (view, changed, address, time) => {
    const vm = vmOf(view, changed.uuid);
    vm.alias = changed.alias;
    vm.node = address.split('/')[0] ?? '';
    vm.zoneState = changed.zoneState;
    if (vm.state !== changed.state) vm.since = time;
    vm.state = changed.state;
  },
  zoneServed: (view, served, address) => foldServed(view, served, address),
  jobStateChanged: (view, { kind, vm: uuid, execution, error }, _address, time) => {
    if (uuid === '') return;
    const vm = vmOf(view, uuid);
    vm.job = OVER.has(execution) ? '' : kind;
    if (execution === 'succeeded') vm.error = '';
    if (execution === 'failed') vm.error = error;
    if (execution === 'failed' && kind === 'provision') fail(vm, time);
    if (execution === 'succeeded' && kind === 'destroy') view.vms.delete(uuid);
  },
};

function vmOf(view: DatacenterView, uuid: string): VmView {
  let vm = view.vms.get(uuid);
  if (vm === undefined) view.vms.set(uuid, (vm = newVm(uuid)));
  return vm;
}

function fail(vm: VmView, time: number): void {
  vm.state = 'failed';
  vm.since = time;
}

function foldServed(view: DatacenterView, served: Facts['zoneServed'], address: string): void {
  const vm = view.vms.get(address.slice(address.lastIndexOf('/') + 1));
  if (vm === undefined) return;
  const { from, requests, errors, refused, latencyNs, latency } = served;
  vm.served = { from, requests, errors: errors + refused, latencyNs, p99Ns: p99Of(latency) };
}

function p99Of(buckets: Facts['zoneServed']['latency']): number {
  const sorted = [...buckets].sort((a, b) => a.upperNs - b.upperNs);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { upperNs, count } of sorted) {
    seen += count;
    if (seen * 100 >= total * 99) return upperNs;
  }
  return 0;
}
