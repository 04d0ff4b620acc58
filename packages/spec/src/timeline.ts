/** The timeline: what is injected, reverted, repaired and asked for, each checked against the datacenter. */
import { complain, type Context } from './context.ts';
import { suggest } from './near.ts';
import { fillParams, formatParam } from './params.ts';
import { shown, type Path } from './problem.ts';
import type {
  CatalogueParam,
  Command,
  InjectCommand,
  Param,
  TargetKind,
  TimelineEntry,
} from './scenario-model.ts';
import type { TimelineItem } from './scenario-schema.ts';
import { problemAt } from './source.ts';
import { resolveTarget } from './targets.ts';
import { formatDuration } from './units.ts';
import { vmCommands, type Entry, type TimelineScope } from './vm-commands.ts';

/** By time, then in the file's order; faults are numbered in that order. */
export function expandTimeline(scope: TimelineScope, items: readonly Entry[]): TimelineEntry[] {
  const ordered = [...items].sort((a, b) => a.value.at - b.value.at);
  const injected = new Map<string, InjectCommand>();
  const entries: TimelineEntry[] = [];
  for (const item of ordered) {
    if (item.value.at >= scope.durationNs) {
      const message = `is past the end of the run, ${formatDuration(scope.durationNs)}`;
      complain(scope.context, [...item.path, 'at'], message);
    }
    refuseStrangers(scope.context, item);
    for (const command of commandsOf(scope, item, injected)) {
      if (command.kind === 'inject') injected.set(command.faultId, command);
      const { file, line } = problemAt(scope.context.source, item.path, '');
      const source = line === 0 ? file : `${file.split('/').at(-1)!}:${line}`;
      entries.push({ atNs: item.value.at, command, source, text: textOf(scope, command) });
    }
  }
  return entries;
}

/** Faults so far, by id. */
type Injected = ReadonlyMap<string, InjectCommand>;

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

function commandsOf(scope: TimelineScope, item: Entry, injected: Injected): Command[] {
  const verb = verbOf(item.value);
  if (verb === 'inject') return inject(scope, item, injected);
  if (verb === 'revert') return revert(scope, item, injected);
  return verb === 'repair' ? repair(scope, item) : vmCommands(scope, item);
}

/** A kind may have a row for each kind of part that it takes: the target says which row. */
function inject(scope: TimelineScope, item: Entry, injected: Injected): Command[] {
  const { value, path } = item;
  const known = scope.catalogue.faults;
  const rows = known.filter((entry) => entry.kind === value.inject);
  if (rows.length === 0) {
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
  const target = targetOf(
    scope,
    item,
    rows.map((entry) => entry.target),
  );
  const row = rows.find((entry) => entry.target === target?.kind) ?? rows[0]!;
  const params = paramsOf(scope, item, row.params);
  const faultId = value.id ?? `f${injected.size + 1}`;
  if (injected.has(faultId)) {
    complain(
      scope.context,
      value.id === undefined ? path : [...path, 'id'],
      `fault ${faultId} is there twice`,
    );
  }
  if (target === undefined || params === undefined) return [];
  const forNs = value.for ?? 0;
  return [{ kind: 'inject', faultId, faultKind: row.kind, target: target.address, params, forNs }];
}

function revert(scope: TimelineScope, item: Entry, injected: Injected): Command[] {
  const wanted = item.value.revert!;
  const on = item.value.on;
  const fits = (command: InjectCommand): boolean =>
    command.faultId === wanted ||
    (command.faultKind === wanted && (on === undefined || command.target === on));
  const found = [...injected.values()].findLast(fits);
  if (found === undefined) {
    const names = [...injected.keys()];
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
  return [{ kind: 'repair', repairKind: row.kind, target: target.address, params }];
}

interface Part {
  readonly address: string;
  readonly kind: TargetKind;
}

function targetOf(scope: TimelineScope, item: Entry, kinds: readonly TargetKind[]): Part | undefined {
  const { context, expanded } = scope;
  if (item.value.on === undefined) {
    const message = `expected "on", the address of a ${kinds.join(' or ')}, found nothing`;
    if (!item.partial) complain(context, item.path, message);
    return undefined;
  }
  const found = resolveTarget(expanded.datacenter, item.value.on, kinds);
  if (found.ok) return found;
  if (!expanded.brokenNodes) {
    complain(context, [...item.path, 'on'], `${shown(item.value.on)}: ${found.reason}`);
  }
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
