/** What a question is about, found by any name that an operator has for it. */
import { nearest, suggest, type Datacenter, type Vm } from '@orrery/spec';
import type { FactIndex } from './fact-index.ts';
import { nodeOf, partName } from './part-name.ts';

export type SubjectKind =
  'node' | 'vm' | 'pool' | 'disk' | 'switch' | 'link' | 'part' | 'client' | 'headnode';

export interface Subject {
  readonly kind: SubjectKind;
  /** As answers call it: `db-0`, `cn-0001`, `pool zones of cn-0001`. */
  readonly name: string;
  readonly address: string;
  /** Address of its node; '' when it has none. */
  readonly node: string;
  /** VMs only. */
  readonly vm?: VmName;
}

export interface VmName {
  readonly uuid: string;
  readonly alias: string;
  /** As the specification has it; undefined for one made while running. */
  readonly spec: Vm | undefined;
}

export type Found = { ok: true; subject: Subject } | { ok: false; message: string };

interface Named {
  subject: Subject;
  names: readonly string[];
}

/** Shortest part of a UUID that is taken for one. */
const PREFIX_MIN = 4;

export function findSubject(index: FactIndex, name: string): Found {
  const all = subjectsOf(index);
  const exact = all.find(({ subject }) => subject.address === name);
  if (exact !== undefined) return { ok: true, subject: exact.subject };
  const called = all.filter(({ names }) => names.includes(name));
  if (called.length === 1) return { ok: true, subject: (called[0] as Named).subject };
  const begun =
    called.length > 0 || name.length < PREFIX_MIN
      ? called
      : all.filter(({ subject }) => subject.vm?.uuid.startsWith(name) === true);
  if (begun.length === 1) return { ok: true, subject: (begun[0] as Named).subject };
  if (begun.length > 1) {
    const which = begun.slice(0, 6).map(({ subject }) => subject.address);
    return { ok: false, message: `${name} could be ${which.join(', ')}${begun.length > 6 ? ', …' : ''}` };
  }
  const known = all.flatMap(({ subject, names }) => [subject.address, ...names]);
  const near = nearest(name, known);
  const main = all.filter(({ subject }) => subject.kind === 'node' || subject.kind === 'vm');
  const names = near === undefined ? main.map(({ subject }) => subject.name) : [near];
  return { ok: false, message: `there is no ${name}: ${suggest(name, names)}` };
}

function subjectsOf(index: FactIndex): Named[] {
  const { datacenter } = index;
  return [
    ...hardwareOf(datacenter),
    ...vmsOf(index),
    ...fabricOf(datacenter),
    ...clientsOf(datacenter),
    named({ kind: 'headnode', name: 'the head node', address: 'headnode', node: '' }, []),
  ];
}

function named(subject: Subject, names: readonly string[]): Named {
  return { subject, names };
}

function hardwareOf(datacenter: Datacenter): Named[] {
  return datacenter.nodes.flatMap((node) => {
    const { address } = node;
    const part = (kind: SubjectKind, path: string, names: readonly string[] = []) => {
      const at = `${address}/${path}`;
      return named({ kind, name: `${partName(at)} of ${address}`, address: at, node: address }, names);
    };
    return [
      named({ kind: 'node', name: address, address, node: address }, [node.hostname, node.uuid]),
      ...node.pools.map(({ name }) => part('pool', `pool/${name}`, [name, `${address}/${name}`])),
      ...node.disks.map(({ name }) => part('disk', `disk/${name}`, [name, `${address}/${name}`])),
      ...node.nics.map(({ name }) => part('link', `nic/${name}`, [`${address}/${name}`])),
      ...node.dimms.map(({ name }) => part('part', `dimm/${name}`)),
      ...node.psus.map(({ name }) => part('part', `psu/${name}`)),
      ...Array.from({ length: node.cpus }, (_, cpu) => part('part', `cpu/${cpu}`)),
    ];
  });
}

/** VMs of the specification, and those that came since. */
function vmsOf(index: FactIndex): Named[] {
  const found = new Map<string, Named>();
  for (const vm of index.datacenter.vms) {
    if (vm.node !== '') found.set(vm.uuid, namedVm(`${vm.node}/zone/${vm.uuid}`, vm.uuid, vm.alias, vm));
  }
  for (const fact of index.ofKind('zoneStateChanged')) {
    const { uuid, alias } = fact.payload;
    if (!found.has(uuid)) found.set(uuid, namedVm(fact.address, uuid, alias, undefined));
  }
  return [...found.values()];
}

function namedVm(address: string, uuid: string, alias: string, spec: Vm | undefined): Named {
  const name = alias === '' ? uuid.slice(0, 8) : alias;
  return named({ kind: 'vm', name, address, node: nodeOf(address), vm: { uuid, alias: name, spec } }, [
    name,
    uuid,
  ]);
}

function fabricOf(datacenter: Datacenter): Named[] {
  const one = (kind: SubjectKind, { address, name }: { address: string; name: string }) =>
    named({ kind, name: partName(address), address, node: '' }, [name]);
  return [
    ...datacenter.switches.map((value) => one('switch', value)),
    ...datacenter.uplinks.map((value) => one('link', value)),
  ];
}

function clientsOf(datacenter: Datacenter): Named[] {
  return datacenter.workloads
    .filter(({ from }) => from.kind === 'outside')
    .map(({ name }) =>
      named({ kind: 'client', name: `client ${name}`, address: `client/${name}`, node: '' }, [name]),
    );
}

/** The subject of a VM by its UUID. */
export function vmSubject(index: FactIndex, uuid: string): Subject | undefined {
  return vmsOf(index).find(({ subject }) => subject.vm?.uuid === uuid)?.subject;
}

/** Alias of a zone by its actor's address. */
export function zoneName(index: FactIndex, address: string): string {
  const uuid = address.slice(address.lastIndexOf('/') + 1);
  const alias = index.datacenter.vms.find((vm) => vm.uuid === uuid)?.alias;
  if (alias !== undefined) return alias;
  const told = index.ofKind('zoneStateChanged').find((fact) => fact.payload.uuid === uuid);
  return told === undefined || told.payload.alias === '' ? uuid.slice(0, 8) : told.payload.alias;
}
