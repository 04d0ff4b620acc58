/**
 * All VMs of the file: each entry as often as it counts, each on a node. A VM that names no node goes to the node with
 * the fewest VMs so far, the first of them by address; those that name one are counted before.
 */
import { complain, warn, type Context } from './context.ts';
import { capacityBytes } from './pools.ts';
import type { Node, Vm } from './model.ts';
import { byCodeUnit, isGlob, matchesGlob, suggest } from './near.ts';
import type { Placed } from './networks.ts';
import { payloadFields, readPayload, type IdleProperties } from './payload.ts';
import { shown, type Path } from './problem.ts';
import type { Section } from './shape.ts';
import { finishVm, vmUuid, type Fields, type Stock } from './vm.ts';
import { draftOfEntry, type VmDraft } from './vm-draft.ts';
import { behaviourNames, type VmEntry } from './vm-schema.ts';

interface Scope {
  readonly context: Context;
  readonly datacenter: string;
  readonly nodes: readonly Node[];
  readonly stock: Stock;
  readonly idle: IdleProperties;
  readonly macs: Set<string>;
  /** Entries already complained of for a NIC or a pool: one node that lacks it is enough. */
  readonly complained: Set<string>;
}

/** An entry's draft, and whom to ask about its fields. */
interface Drafted {
  readonly entry: VmEntry;
  readonly path: Path;
  readonly draft: VmDraft;
  readonly fields: Fields;
  readonly fieldContext: Context;
  /** Nodes it may be on; undefined: placement chooses when the run begins. */
  readonly candidates: readonly Node[] | undefined;
}

export function expandVms(scope: Scope, section: Section<VmEntry>): { placed: Placed[]; broken: boolean } {
  const drafts = section.items.map((item) => draftOf(scope, item.value, item.path));
  const kept = drafts.filter((draft) => draft !== undefined);
  const load = new Map(scope.nodes.map((node) => [node.address, 0]));
  for (const one of kept) {
    const only = one.candidates?.length === 1 ? one.candidates[0]!.address : undefined;
    if (only !== undefined) load.set(only, load.get(only)! + (one.entry.count ?? 1));
  }
  const placed = kept.flatMap((drafted) => expandEntry(scope, drafted, load));
  refuseTwins(scope.context, placed);
  return { placed, broken: section.broken || kept.length < drafts.length };
}

function draftOf(scope: Scope, entry: VmEntry, path: Path): Drafted | undefined {
  const { context, stock } = scope;
  const candidates = candidatesOf(scope, entry, path);
  if (entry.payload === undefined) {
    if (entry.name === undefined) {
      complain(context, path, 'expected a name or a payload, found neither');
      return undefined;
    }
    const draft = draftOfEntry(
      entry,
      stock.networks.map((network) => network.name),
    );
    return { entry, path, draft, fields: entryFields(entry, path), fieldContext: context, candidates };
  }
  const own = ['name', 'count', 'node', 'rack', 'payload', ...behaviourNames];
  for (const [key, value] of Object.entries(entry)) {
    if (own.includes(key) || value === undefined) continue;
    complain(context, [...path, key], `does not go with a payload, which says it itself`, 'key');
  }
  const payload = readPayload(context, [...path, 'payload'], entry.payload, entry, scope.idle);
  if (payload === undefined) return undefined;
  if (entry.name === undefined && payload.draft.alias === '' && payload.draft.uuid === '') {
    complain(context, path, 'expected a name here, or an alias in the payload, found neither');
  }
  if (entry.count !== undefined && entry.count > 1 && payload.draft.uuid !== '') {
    complain(context, [...path, 'count'], 'expected 1: the payload gives a uuid, which only one VM can have');
  }
  const fields = { ...payloadFields(payload.path), behaviour: (name: string) => [...path, name] };
  return { entry, path, draft: payload.draft, fields, fieldContext: payload.context, candidates };
}

function entryFields(entry: VmEntry, path: Path): Fields {
  return {
    image: [...path, 'image'],
    package: [...path, 'package'],
    nic: (i) => {
      if (entry.nics !== undefined) return [...path, 'nics', i];
      if (entry.networks === undefined) return path;
      return entry.networks?.length === 1 ? [...path, 'networks'] : [...path, 'networks', i];
    },
    disk: (i) => (entry.disks === undefined ? [...path, 'image'] : [...path, 'disks', i]),
    behaviour: (name) => [...path, name],
  };
}

function candidatesOf(scope: Scope, entry: VmEntry, path: Path): readonly Node[] | undefined {
  const { context, nodes } = scope;
  let among = nodes;
  if (entry.rack !== undefined) {
    among = nodes.filter((node) => node.rack === entry.rack);
    const racks = [...new Set(nodes.map((node) => node.rack))];
    if (among.length === 0 && nodes.length > 0) {
      const hint = suggest(entry.rack, racks);
      complain(context, [...path, 'rack'], `expected a rack with nodes, found ${shown(entry.rack)}: ${hint}`);
    }
  }
  if (entry.node === 'any') return undefined;
  if (entry.node === undefined) return among;
  const asked = entry.node;
  const found = among.filter(
    (node) => node.address === asked || node.hostname === asked || matchesGlob(asked, node.address),
  );
  if (found.length === 0 && among.length > 0) {
    const hint = isGlob(asked)
      ? 'no node matches'
      : suggest(
          asked,
          among.map((node) => node.address),
        );
    complain(context, [...path, 'node'], `expected a node, found ${shown(asked)}: ${hint}`);
  }
  return found;
}

function expandEntry(scope: Scope, drafted: Drafted, load: Map<string, number>): Placed[] {
  const { entry, draft, path } = drafted;
  const group = entry.name ?? (draft.alias === '' ? draft.uuid : draft.alias);
  const placed: Placed[] = [];
  for (let i = 0; i < (entry.count ?? 1); i++) {
    const alias = entry.count === undefined ? group : `${group}-${i}`;
    const node = choose(drafted.candidates, load);
    const named = `${scope.datacenter}/vm/${alias}`;
    const uuid = draft.uuid === '' ? vmUuid(scope.datacenter, alias) : draft.uuid;
    const identity = { uuid, alias, group, node: node?.address ?? '', seed: named };
    const contextOf = (at: Path) => (atOf(drafted, at) ? scope.context : drafted.fieldContext);
    const vm = finishVm(entry.count === undefined ? draft : { ...draft, hostname: '' }, identity, {
      stock: scope.stock,
      fields: drafted.fields,
      macs: scope.macs,
      refuse: (at, message) => complain(contextOf(at), at, message),
      // VMs of one entry are alike: once is enough.
      warn: (at, message) => (i === 0 ? warn(contextOf(at), at, message) : undefined),
    });
    if (node !== undefined) checkHost(scope, drafted, vm, node);
    placed.push({ vm, path });
  }
  return placed;
}

/** Behaviour is written beside the payload, not in it. */
function atOf(drafted: Drafted, at: Path): boolean {
  return (
    drafted.path.length > 0 &&
    drafted.path.every((part, i) => part === at[i]) &&
    at.length === drafted.path.length + 1
  );
}

function choose(candidates: readonly Node[] | undefined, load: Map<string, number>): Node | undefined {
  if (candidates === undefined || candidates.length === 0) return undefined;
  if (candidates.length === 1) return candidates[0];
  let best = candidates[0]!;
  let least = load.get(best.address)!;
  for (const node of candidates) {
    const count = load.get(node.address)!;
    if (count < least) {
      best = node;
      least = count;
    }
  }
  load.set(best.address, least + 1);
  return best;
}

/** The node must have the VM's pools and a NIC with each of its tags. */
function checkHost(scope: Scope, drafted: Drafted, vm: Vm, node: Node): void {
  const pools = node.pools.map((pool) => pool.name);
  const partial = node.pools.length === 0 && scope.context.report.problems.length > 0;
  const poolMark = `${drafted.path.join('/')}/pool`;
  for (const pool of [vm.pool, ...vm.disks.map((disk) => disk.pool)]) {
    if (pools.includes(pool) || partial || scope.complained.has(poolMark)) continue;
    scope.complained.add(poolMark);
    complain(
      scope.context,
      drafted.path,
      `needs pool ${pool}, which ${node.address} has not: ${suggest(pool, pools)}`,
    );
  }
  const tags = node.nics.flatMap((nic) => nic.tags);
  for (const [i, nic] of vm.nics.entries()) {
    if (nic.tag === '' || tags.includes(nic.tag) || scope.complained.has(`${drafted.path.join('/')}/${i}`))
      continue;
    scope.complained.add(`${drafted.path.join('/')}/${i}`);
    const message = `needs NIC tag ${nic.tag}, which ${node.address} has not: ${suggest(nic.tag, tags)}`;
    complain(drafted.fieldContext, drafted.fields.nic(i), message);
  }
}

function refuseTwins(context: Context, placed: readonly Placed[]): void {
  const aliases = new Set<string>();
  const uuids = new Set<string>();
  for (const { vm, path } of placed) {
    if (aliases.has(vm.alias)) complain(context, path, `VM ${vm.alias} is there twice`);
    else if (uuids.has(vm.uuid)) complain(context, path, `UUID ${vm.uuid} is there twice`);
    aliases.add(vm.alias);
    uuids.add(vm.uuid);
  }
}

/** What nodes hold at time 0 must fit their pools; memory may be promised twice, but that is worth saying. */
export function checkRoom(context: Context, nodes: readonly Node[], vms: readonly Vm[]): void {
  const byNode = new Map<string, Vm[]>();
  for (const vm of vms) {
    const list = byNode.get(vm.node);
    if (list === undefined) byNode.set(vm.node, [vm]);
    else list.push(vm);
  }
  const crowded: string[] = [];
  for (const node of nodes) {
    const own = byNode.get(node.address) ?? [];
    if (own.reduce((sum, vm) => sum + vm.limits.memoryBytes, 0) > node.memoryBytes)
      crowded.push(node.address);
    for (const pool of node.pools) {
      const data = own
        .filter((vm) => vm.pool === pool.name)
        .reduce((sum, vm) => sum + vm.dataBytes, pool.usedBytes);
      const room = capacityBytes(pool, node.disks);
      if (data > room) {
        complain(
          context,
          ['vms'],
          `pool ${pool.name} of ${node.address} holds ${room} bytes, its VMs bring ${data}`,
        );
      }
    }
  }
  if (crowded.length === 0) return;
  const names = crowded.sort(byCodeUnit).slice(0, 3).join(', ');
  const more = crowded.length > 3 ? ` and ${crowded.length - 3} more` : '';
  warn(context, ['vms'], `VMs may use more memory than there is on ${names}${more}`);
}
