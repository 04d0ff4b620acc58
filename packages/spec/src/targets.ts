/** Parts of a datacenter by address: what a timeline or a person may point at. */
import type { Datacenter, Node } from './model.ts';
import { suggest } from './near.ts';
import type { TargetKind } from './scenario-model.ts';

export type TargetResult =
  | { readonly ok: true; readonly address: string; readonly kind: TargetKind }
  | { readonly ok: false; readonly reason: string };

const partsOf: readonly (readonly [TargetKind, (node: Node) => readonly string[]])[] = [
  ['disk', (node) => node.disks.map((disk) => disk.name)],
  ['dimm', (node) => node.dimms.map((dimm) => dimm.name)],
  ['cpu', (node) => Array.from({ length: node.cpus }, (_, i) => String(i))],
  ['psu', (node) => node.psus.map((psu) => psu.name)],
  ['nic', (node) => node.nics.map((nic) => nic.name)],
  ['pool', (node) => node.pools.map((pool) => pool.name)],
];

/**
 * The full address of what `text` points at: `cn-0001`, `cn-0001/disk/c0t2d0`, `switch/tor-r1`, `uplink/tor-r1`, the
 * same with a host name for the node, or a VM by alias or UUID. `wanted` says what kinds are of use; a bare switch
 * or uplink name will do where one is.
 */
export function resolveTarget(
  datacenter: Datacenter,
  text: string,
  wanted: readonly TargetKind[],
): TargetResult {
  const found = find(datacenter, text, wanted);
  if (!found.ok || wanted.includes(found.kind)) return found;
  return { ok: false, reason: `is a ${found.kind}, expected a ${wanted.join(' or ')}` };
}

function find(datacenter: Datacenter, text: string, wanted: readonly TargetKind[]): TargetResult {
  const [first = '', second, ...rest] = text.split('/');
  for (const kind of ['switch', 'uplink'] as const) {
    const parts: readonly { readonly name: string; readonly address: string }[] =
      kind === 'switch' ? datacenter.switches : datacenter.uplinks;
    const name = first === kind ? [second, ...rest].join('/') : wanted.includes(kind) ? text : undefined;
    const part = parts.find((one) => one.name === name);
    if (part !== undefined) return { ok: true, address: part.address, kind };
    if (first === kind)
      return unknown(
        kind,
        name ?? '',
        parts.map((one) => one.name),
      );
  }
  const node = datacenter.nodes.find((one) => one.address === first || one.hostname === first);
  if (node !== undefined) return findInNode(datacenter, node, second, rest.join('/'));
  const vm = datacenter.vms.find((one) => one.alias === text || one.uuid === text);
  if (vm !== undefined) return { ok: true, address: vm.uuid, kind: 'vm' };
  const names = wanted.includes('vm')
    ? datacenter.vms.map((one) => one.alias)
    : wanted.includes('switch')
      ? datacenter.switches.map((one) => one.name)
      : datacenter.nodes.map((one) => one.address);
  return unknown(wanted.includes('vm') ? 'VM' : wanted.includes('switch') ? 'switch' : 'node', first, names);
}

function findInNode(
  datacenter: Datacenter,
  node: Node,
  kind: string | undefined,
  name: string,
): TargetResult {
  if (kind === undefined) return { ok: true, address: node.address, kind: 'node' };
  if (kind === 'zone') {
    const vm = datacenter.vms.find((one) => one.uuid === name && one.node === node.address);
    return vm === undefined ? unknown('zone', name, []) : { ok: true, address: vm.uuid, kind: 'vm' };
  }
  const row = partsOf.find(([one]) => one === kind);
  if (row === undefined) {
    const kinds = partsOf.map(([one]) => one);
    return { ok: false, reason: `has no parts called ${kind}: ${suggest(kind, kinds)}` };
  }
  const names = row[1](node);
  if (names.includes(name)) return { ok: true, address: `${node.address}/${kind}/${name}`, kind: row[0] };
  return unknown(`${kind} of ${node.address}`, name, names);
}

function unknown(what: string, name: string, names: readonly string[]): TargetResult {
  return {
    ok: false,
    reason: `there is no ${what} called ${name === '' ? 'that' : name}: ${suggest(name, names)}`,
  };
}
