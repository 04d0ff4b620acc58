/** Requests of the control API as commands: checked against the datacenter and the catalogue, or refused with field and reason. */
import type {
  CreateVmRequest,
  InjectFaultRequest,
  RepairRequest,
  RevertFaultRequest,
  VmRequest,
} from '@orrery/proto';
import {
  fillParams,
  formatParam,
  resolveTarget,
  suggest,
  uuidOf,
  vmOfPayload,
  type Catalogue,
  type CatalogueParam,
  type Command,
  type Param,
  type TargetKind,
  type VmAction,
} from '@orrery/spec';
import { ControlError, invalid, notFound } from './errors.ts';
import type { RunControl } from './run-control.ts';
import type { DatacenterView, VmView } from './view/state.ts';

export interface Checked {
  command: Command;
  text: string;
  warnings: readonly string[];
}

const COUNT_MAX = 10_000;
const FOR_NS_MAX = 100 * 24 * 3600 * 1_000_000_000;

export function injectCommand(
  { view, catalogue, faultIdsTaken: taken }: Pick<RunControl, 'view' | 'catalogue' | 'faultIdsTaken'>,
  { kind, target, params, forNs, faultId }: InjectFaultRequest,
): Checked {
  requireGiven({ kind, target });
  const rows = catalogue.faults.filter((row) => row.kind === kind);
  if (rows.length === 0) throw notFound('kind', unknown('fault', kind, catalogue.faults));
  const part = targetOf(
    view,
    target,
    rows.map((row) => row.target),
  );
  const row = rows.find((each) => each.target === part.kind) ?? rows[0];
  const known = row?.params ?? [];
  const filled = paramsOf(known, params);
  if (!Number.isSafeInteger(forNs) || forNs > FOR_NS_MAX)
    throw invalid([{ field: 'for_ns', description: `expected at most ${FOR_NS_MAX} ns, found ${forNs}` }]);
  if (!/^[A-Za-z0-9._-]{0,64}$/.test(faultId))
    throw invalid([{ field: 'fault_id', description: 'expected at most 64 letters, digits, ., _ or -' }]);
  if (view.faults.has(faultId) || taken.has(faultId))
    throw new ControlError('ALREADY_EXISTS', `fault_id: there is a fault ${faultId} already`, [
      { field: 'fault_id', description: 'is taken' },
    ]);
  const id = faultId === '' ? freeFaultId(view, taken) : faultId;
  const command: Command = {
    kind: 'inject',
    faultId: id,
    faultKind: kind,
    target: part.address,
    params: filled,
    forNs,
  };
  return { command, text: `${kind}${paramText(known, filled)} on ${part.address}`, warnings: [] };
}

export function revertCommand(view: DatacenterView, { faultId }: RevertFaultRequest): Checked {
  requireGiven({ fault_id: faultId });
  const fault = view.faults.get(faultId);
  const active = [...view.faults.values()].filter((each) => each.revertedAt === 0);
  if (fault === undefined) {
    const names = active.map((each) => each.faultId);
    throw notFound('fault_id', `there is no fault ${faultId}: ${suggest(faultId, names)}`);
  }
  if (fault.revertedAt > 0)
    throw new ControlError('FAILED_PRECONDITION', `fault ${faultId} is reverted already`);
  const { kind, target } = fault;
  return {
    command: { kind: 'revert', faultId, faultKind: kind, target },
    text: `revert ${faultId} ${kind} on ${target}`,
    warnings: [],
  };
}

export function repairCommand(
  view: DatacenterView,
  catalogue: Catalogue,
  { kind, target, params }: RepairRequest,
): Checked {
  requireGiven({ kind, target });
  const row = catalogue.repairs.find((each) => each.kind === kind);
  if (row === undefined) throw notFound('kind', unknown('repair', kind, catalogue.repairs));
  const part = targetOf(view, target, row.targets);
  const filled = paramsOf(row.params, params);
  return {
    command: { kind: 'repair', repairKind: kind, target: part.address, params: filled },
    text: `${kind}${paramText(row.params, filled)} on ${part.address}`,
    warnings: [],
  };
}

export function vmCommand(
  view: DatacenterView,
  action: Exclude<VmAction['action'], 'create'>,
  { vm: name }: VmRequest,
): Checked {
  requireGiven({ vm: name });
  const vm = vmNamed(view, name);
  return {
    command: { kind: 'vm', action, uuid: vm.uuid, payloadJson: '', server: '', count: 1 },
    text: `vm ${action} ${vm.alias === '' ? vm.uuid : vm.alias}`,
    warnings: [],
  };
}

/** @param identity what a VM's UUID is made of when the payload gives none */
export function createCommand(view: DatacenterView, request: CreateVmRequest, identity: string): Checked {
  const { payloadJson, server: wanted } = request;
  requireGiven({ payload_json: payloadJson });
  const count = request.count === 0 ? 1 : request.count;
  if (count > COUNT_MAX)
    throw invalid([{ field: 'count', description: `expected at most ${COUNT_MAX}, found ${count}` }]);
  const server = wanted === '' ? '' : targetOf(view, wanted, ['node'], 'server').address;
  const own = { uuid: '', alias: '', node: server };
  const read = vmOfPayload(payloadJson, view.datacenter, own);
  if (!read.ok) throw invalid(read.problems.map((description) => ({ field: 'payload_json', description })));
  const given = (JSON.parse(payloadJson) as { uuid?: string }).uuid ?? '';
  const uuid = count > 1 ? '' : given === '' ? uuidOf(identity) : given;
  if (view.vms.has(uuid))
    throw new ControlError('ALREADY_EXISTS', `payload_json: there is a VM ${uuid} already`, [
      { field: 'payload_json', description: 'uuid is taken' },
    ]);
  return {
    command: { kind: 'vm', action: 'create', uuid, payloadJson, server, count },
    text: `vm create ${read.vm.alias}${count === 1 ? '' : ` × ${count}`}`,
    warnings: read.warnings,
  };
}

/** @throws ControlError naming each field that is empty */
function requireGiven(fields: Readonly<Record<string, string>>): void {
  const missing = Object.keys(fields).filter((field) => fields[field] === '');
  if (missing.length > 0) throw invalid(missing.map((field) => ({ field, description: 'is missing' })));
}

/** A VM by alias, UUID or the beginning of its UUID. @throws ControlError */
export function vmNamed(view: DatacenterView, name: string): VmView {
  const vms = [...view.vms.values()];
  const exact = view.vms.get(name) ?? vms.find(({ alias }) => alias === name);
  if (exact !== undefined) return exact;
  const begun = name.length < 4 ? [] : vms.filter(({ uuid }) => uuid.startsWith(name));
  if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  if (begun.length > 1)
    throw invalid([
      { field: 'vm', description: `${name} could be ${begun.map(({ uuid }) => uuid).join(', ')}` },
    ]);
  const names = vms.map(({ alias, uuid }) => (alias === '' ? uuid : alias));
  throw notFound('vm', `there is no VM ${name}: ${suggest(name, names)}`);
}

function targetOf(
  view: DatacenterView,
  text: string,
  kinds: readonly TargetKind[],
  field = 'target',
): { address: string; kind: TargetKind } {
  const found = resolveTarget(view.datacenter, text, kinds);
  if (found.ok) return found;
  throw notFound(field, `"${text}": ${found.reason}`);
}

function paramsOf(
  known: readonly CatalogueParam[],
  given: Readonly<Record<string, string>>,
): readonly Param[] {
  const filled = fillParams(known, given);
  if (filled.ok) return filled.params;
  throw invalid(filled.wrong.map(({ name, message }) => ({ field: `params.${name}`, description: message })));
}

function paramText(known: readonly CatalogueParam[], params: readonly Param[]): string {
  return params.map((param) => ` ${param.name}=${formatParam(known, param)}`).join('');
}

function unknown(what: string, kind: string, rows: readonly { kind: string }[]): string {
  const kinds = [...new Set(rows.map((row) => row.kind))];
  return `there is no ${what} "${kind}": ${suggest(kind, kinds)}`;
}

/** f1, f2, …: the first that is free. */
function freeFaultId(view: DatacenterView, taken: ReadonlySet<string>): string {
  let number = view.faults.size + 1;
  while (view.faults.has(`f${number}`) || taken.has(`f${number}`)) number++;
  return `f${number}`;
}
