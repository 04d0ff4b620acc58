/** The timeline: what is injected, reverted, repaired and asked for, each checked against the datacenter. */
import { complain, type Context } from './context.ts';
import type { Expanded } from './datacenter.ts';
import { payloadOfDraft } from './draft-payload.ts';
import { suggest } from './near.ts';
import { fillParams } from './params.ts';
import { payloadFields, readPayload, type IdleProperties } from './payload.ts';
import { shown, type Path } from './problem.ts';
import type {
  Catalogue,
  CatalogueParam,
  Command,
  InjectCommand,
  Param,
  TargetKind,
  TimelineEntry,
} from './scenario-model.ts';
import type { TimelineItem } from './scenario-schema.ts';
import type { Item } from './shape.ts';
import { problemAt } from './source.ts';
import { resolveTarget } from './targets.ts';
import { formatDuration, formatSize } from './units.ts';
import { finishVm, vmUuid } from './vm.ts';
import { draftOfEntry, type VmDraft } from './vm-draft.ts';
import { selectVms } from './workloads.ts';

export interface TimelineScope {
  readonly context: Context;
  readonly expanded: Expanded;
  readonly catalogue: Catalogue;
  readonly durationNs: number;
  readonly idle: IdleProperties;
}

type Entry = Item<TimelineItem> & { readonly name: string };

/** By time, then in the file's order; faults are numbered in that order. */
export function expandTimeline(scope: TimelineScope, items: readonly Entry[]): TimelineEntry[] {
  const ordered = [...items].sort((a, b) => a.value.at - b.value.at);
  const injected: InjectCommand[] = [];
  const entries: TimelineEntry[] = [];
  for (const item of ordered) {
    if (item.value.at >= scope.durationNs) {
      const message = `is past the end of the run, ${formatDuration(scope.durationNs)}`;
      complain(scope.context, [...item.path, 'at'], message);
    }
    refuseStrangers(scope.context, item);
    for (const command of commandsOf(scope, item, injected)) {
      if (command.kind === 'inject') injected.push(command);
      const { file, line } = problemAt(scope.context.source, item.path, '');
      const source = line === 0 ? file : `${file.split('/').at(-1)!}:${line}`;
      entries.push({ atNs: item.value.at, command, source, text: textOf(scope, command) });
    }
  }
  return entries;
}

type Verb = 'inject' | 'revert' | 'repair' | 'vm';

const fieldsOf: Readonly<Record<Verb, readonly (keyof TimelineItem)[]>> = {
  inject: ['on', 'with', 'for', 'id'],
  revert: ['on'],
  repair: ['on', 'with'],
  vm: ['on', 'payload', 'entry', 'server', 'count'],
};

function verbOf(value: TimelineItem): Verb {
  return (['inject', 'revert', 'repair', 'vm'] as const).find((verb) => value[verb] !== undefined)!;
}

function refuseStrangers(context: Context, item: Entry): void {
  const verb = verbOf(item.value);
  for (const [key, value] of Object.entries(item.value)) {
    if (value === undefined || key === 'at' || key === verb) continue;
    if (fieldsOf[verb].includes(key as keyof TimelineItem)) continue;
    complain(context, [...item.path, key], `does not go with ${verb}`, 'key');
  }
}

function commandsOf(scope: TimelineScope, item: Entry, injected: readonly InjectCommand[]): Command[] {
  const verb = verbOf(item.value);
  if (verb === 'inject') return inject(scope, item, injected);
  if (verb === 'revert') return revert(scope, item, injected);
  return verb === 'repair' ? repair(scope, item) : vmCommands(scope, item);
}

function inject(scope: TimelineScope, item: Entry, injected: readonly InjectCommand[]): Command[] {
  const { value, path } = item;
  const known = scope.catalogue.faults;
  const row = known.find((entry) => entry.kind === value.inject);
  if (row === undefined) {
    const hint = suggest(
      value.inject!,
      known.map((entry) => entry.kind),
    );
    complain(
      scope.context,
      [...path, 'inject'],
      `expected a kind of fault, found ${shown(value.inject)}: ${hint}`,
    );
    return [];
  }
  const target = targetOf(scope, item, [row.target]);
  const params = paramsOf(scope, item, row.params);
  const faultId = value.id ?? `f${injected.length + 1}`;
  if (injected.some((command) => command.faultId === faultId)) {
    complain(
      scope.context,
      value.id === undefined ? path : [...path, 'id'],
      `fault ${faultId} is there twice`,
    );
  }
  if (target === undefined || params === undefined) return [];
  return [{ kind: 'inject', faultId, faultKind: row.kind, target, params, forNs: value.for ?? 0 }];
}

function revert(scope: TimelineScope, item: Entry, injected: readonly InjectCommand[]): Command[] {
  const wanted = item.value.revert!;
  const on = item.value.on;
  const fits = (command: InjectCommand): boolean =>
    command.faultId === wanted ||
    (command.faultKind === wanted && (on === undefined || command.target === on));
  const found = injected.findLast(fits);
  if (found === undefined) {
    const names = injected.map((command) => command.faultId);
    const message = `expected a fault injected before, found ${shown(wanted)}: ${suggest(wanted, names)}`;
    complain(scope.context, [...item.path, 'revert'], message);
    return [];
  }
  return [{ kind: 'revert', faultId: found.faultId, faultKind: found.faultKind, target: found.target }];
}

function repair(scope: TimelineScope, item: Entry): Command[] {
  const { value, path } = item;
  const known = scope.catalogue.repairs;
  const row = known.find((entry) => entry.kind === value.repair);
  if (row === undefined) {
    const hint = suggest(
      value.repair!,
      known.map((entry) => entry.kind),
    );
    complain(
      scope.context,
      [...path, 'repair'],
      `expected a kind of repair, found ${shown(value.repair)}: ${hint}`,
    );
    return [];
  }
  const target = targetOf(scope, item, row.targets);
  const params = paramsOf(scope, item, row.params);
  if (target === undefined || params === undefined) return [];
  return [{ kind: 'repair', repairKind: row.kind, target, params }];
}

function targetOf(scope: TimelineScope, item: Entry, kinds: readonly TargetKind[]): string | undefined {
  const { context, expanded } = scope;
  if (item.value.on === undefined) {
    if (!item.partial)
      complain(context, item.path, `expected "on", the address of a ${kinds.join(' or a ')}, found nothing`);
    return undefined;
  }
  const found = resolveTarget(expanded.datacenter, item.value.on, kinds);
  if (found.ok) return found.address;
  if (!expanded.brokenNodes)
    complain(context, [...item.path, 'on'], `${shown(item.value.on)}: ${found.reason}`);
  return undefined;
}

function paramsOf(
  scope: TimelineScope,
  item: Entry,
  known: readonly CatalogueParam[],
): readonly Param[] | undefined {
  const filled = fillParams(known, item.value.with ?? {});
  if (filled.ok) return filled.params;
  for (const wrong of filled.wrong) {
    const at: Path = [...item.path, 'with', wrong.name];
    complain(scope.context, at, wrong.message, wrong.unknown ? 'key' : 'value');
  }
  return undefined;
}

function vmCommands(scope: TimelineScope, item: Entry): Command[] {
  const { value, path } = item;
  const action = value.vm!;
  if (action === 'create') return createVms(scope, item);
  for (const key of ['payload', 'entry', 'server', 'count'] as const) {
    if (value[key] !== undefined)
      complain(scope.context, [...path, key], `does not go with vm: ${action}`, 'key');
  }
  if (value.on === undefined) {
    complain(scope.context, path, 'expected "on", the VMs, found nothing');
    return [];
  }
  const uuids = selectVms(scope.context, [...path, 'on'], [value.on], scope.expanded.index);
  return uuids.map((uuid) => ({ kind: 'vm', action, uuid, payloadJson: '', server: '', count: 1 }));
}

function createVms(scope: TimelineScope, item: Entry): Command[] {
  const { value, path } = item;
  const { context } = scope;
  if ((value.payload === undefined) === (value.entry === undefined)) {
    complain(
      context,
      path,
      `expected either a payload or an entry, found ${value.entry ? 'both' : 'neither'}`,
    );
    return [];
  }
  const server = value.server === undefined ? '' : serverOf(scope, [...path, 'server'], value.server);
  const payload = value.entry === undefined ? givenPayload(scope, item) : writtenPayload(scope, item);
  if (payload === undefined || server === undefined) return [];
  const count = value.count ?? 1;
  return [{ kind: 'vm', action: 'create', uuid: '', payloadJson: JSON.stringify(payload), server, count }];
}

function serverOf(scope: TimelineScope, path: Path, text: string): string | undefined {
  const found = resolveTarget(scope.expanded.datacenter, text, ['node']);
  if (found.ok) return found.address;
  if (!scope.expanded.brokenNodes) complain(scope.context, path, `${shown(text)}: ${found.reason}`);
  return undefined;
}

function givenPayload(scope: TimelineScope, item: Entry): Readonly<Record<string, unknown>> | undefined {
  const payload = readPayload(scope.context, [...item.path, 'payload'], item.value.payload!, {}, scope.idle);
  if (payload === undefined) return undefined;
  return tryOut(scope, payload.context, payload.draft, payloadFields(payload.path))
    ? payload.value
    : undefined;
}

/** An entry as in `vms`, made into the payload that a client would send. */
function writtenPayload(scope: TimelineScope, item: Entry): Readonly<Record<string, unknown>> | undefined {
  const { stock } = scope.expanded;
  const entry = item.value.entry!;
  const path = [...item.path, 'entry'];
  for (const key of ['node', 'rack', 'count', 'payload'] as const) {
    if (entry[key] !== undefined)
      complain(scope.context, [...path, key], 'does not go with vm: create', 'key');
  }
  if (entry.name === undefined) {
    complain(scope.context, path, 'expected a name, found nothing');
    return undefined;
  }
  const draft = draftOfEntry(
    entry,
    stock.networks.map((network) => network.name),
  );
  const fields = {
    image: [...path, 'image'],
    package: [...path, 'package'],
    nic: (i: number) => (entry.nics === undefined ? [...path, 'networks'] : [...path, 'nics', i]),
    disk: (i: number) => (entry.disks === undefined ? [...path, 'image'] : [...path, 'disks', i]),
    behaviour: (name: string) => [...path, name],
  };
  if (!tryOut(scope, scope.context, draft, fields)) return undefined;
  const offer = stock.packages.find((one) => one.package.name === draft.packageName);
  const packaged: VmDraft = { ...draft, limits: { ...offer?.given, ...draft.limits } };
  return payloadOfDraft(packaged, stock.images, stock.networks);
}

/** Whether the VM could be made: its image, networks and sizes are right. */
function tryOut(
  scope: TimelineScope,
  context: Context,
  draft: VmDraft,
  fields: Parameters<typeof finishVm>[2]['fields'],
): boolean {
  const before = context.report.problems.length;
  const { datacenter, stock } = scope.expanded;
  const identity = {
    uuid: vmUuid(datacenter.name, draft.alias),
    alias: draft.alias,
    group: draft.alias,
    node: '',
    seed: '',
  };
  finishVm(draft, identity, {
    stock,
    fields,
    macs: new Set(),
    refuse: (at, message) => complain(context, at, message),
  });
  return context.report.problems.length === before;
}

/** The command in one line. */
function textOf(scope: TimelineScope, command: Command): string {
  if (command.kind === 'revert') return `revert ${command.faultId} ${command.faultKind} on ${command.target}`;
  if (command.kind === 'vm') {
    const vm = scope.expanded.datacenter.vms.find((one) => one.uuid === command.uuid);
    const count = command.count === 1 ? '' : ` × ${command.count}`;
    return command.action === 'create'
      ? `vm create${count}`
      : `vm ${command.action} ${vm?.alias ?? command.uuid}`;
  }
  const kind = command.kind === 'inject' ? command.faultKind : command.repairKind;
  const rows: readonly { readonly kind: string; readonly params: readonly CatalogueParam[] }[] =
    command.kind === 'inject' ? scope.catalogue.faults : scope.catalogue.repairs;
  const known = rows.find((row) => row.kind === kind)?.params ?? [];
  const params = command.params.map((param) => ` ${param.name}=${formatParam(known, param)}`).join('');
  return `${kind}${params} on ${command.target}`;
}

/** A parameter as its catalogue's unit is written. */
export function formatParam(known: readonly CatalogueParam[], param: Param): string {
  const unit = known.find((row) => row.name === param.name)?.unit ?? 'number';
  if (unit === 'text') return param.text;
  if (unit === 'duration') return formatDuration(param.number);
  if (unit === 'size') return formatSize(param.number).replace(' ', '');
  if (unit === 'share') return `${Number((param.number * 100).toFixed(6))}%`;
  return `${param.number}${unit === 'rate' ? '/s' : ''}`;
}
