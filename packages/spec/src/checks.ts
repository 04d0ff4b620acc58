/** Phases of a scenario, and what must hold in them. */
import { factNumbers } from '@orrery/proto';
import { complain, type Context } from './context.ts';
import type { Expanded } from './datacenter.ts';
import { suggest } from './near.ts';
import { shown, type Path } from './problem.ts';
import type { Bound, Check, NodeState, Phase, PoolState } from './scenario-model.ts';
import { checkKindOf, type CheckEntry, type PhaseEntry } from './scenario-schema.ts';
import type { Item, Section } from './shape.ts';
import { problemAt } from './source.ts';
import { resolveTarget } from './targets.ts';
import { formatDuration, parseDuration } from './units.ts';
import { selectVms } from './workloads.ts';

export interface CheckScope {
  readonly context: Context;
  readonly expanded: Expanded;
  readonly durationNs: number;
  readonly phases: readonly Phase[];
  readonly brokenPhases: boolean;
}

/** By start; `all` when the file has none. */
export function expandPhases(context: Context, section: Section<PhaseEntry>, durationNs: number): Phase[] {
  const phases = section.items.map((item) => {
    const toNs = item.value.to ?? durationNs;
    if (item.value.from >= toNs)
      complain(context, [...item.path, 'from'], 'expected a time before the phase ends');
    checkTime(context, [...item.path, 'to'], toNs, durationNs);
    return { name: item.name, fromNs: item.value.from, toNs };
  });
  if (phases.length === 0) return [{ name: 'all', fromNs: 0, toNs: durationNs }];
  return phases.sort((a, b) => a.fromNs - b.fromNs || a.toNs - b.toNs);
}

function checkTime(context: Context, path: Path, atNs: number, durationNs: number): void {
  if (atNs > durationNs) complain(context, path, `is past the end of the run, ${formatDuration(durationNs)}`);
}

type Kind = Check['kind'];

const fieldsOf: Readonly<Record<Kind, readonly (keyof CheckEntry)[]>> = {
  latency: ['phase', 'percentile', 'below', 'above'],
  errors: ['phase', 'most', 'least'],
  pool: ['state', 'at'],
  node: ['state', 'at'],
  case: ['node', 'present', 'after', 'before'],
  fact: ['actor', 'seen', 'after', 'before', 'least', 'most'],
  conservation: [],
};

export function expandCheck(scope: CheckScope, item: Item<CheckEntry>): Check {
  const kind = checkKindOf(item.value)!;
  for (const [key, value] of Object.entries(item.value)) {
    if (value === undefined || key === 'name' || key === kind) continue;
    if (fieldsOf[kind].includes(key as keyof CheckEntry)) continue;
    complain(scope.context, [...item.path, key], `does not go with ${kind}`, 'key');
  }
  for (const key of ['at', 'after', 'before'] as const) {
    const atNs = item.value[key];
    if (atNs !== undefined) checkTime(scope.context, [...item.path, key], atNs, scope.durationNs);
  }
  const { file, line } = problemAt(scope.context.source, item.path, '');
  const source = line === 0 ? file : `${file.split('/').at(-1)!}:${line}`;
  const head = { name: item.value.name ?? usualName(kind, item.value), source };
  return makers[kind](scope, item, head);
}

function usualName(kind: Kind, value: CheckEntry): string {
  const of = value[kind];
  const whom = Array.isArray(of) ? of.join(', ') : String(of);
  const phase = value.phase === undefined ? '' : ` ${value.phase}`;
  return kind === 'conservation' ? 'conservation' : `${kind} ${whom}${phase}`;
}

interface Head {
  readonly name: string;
  readonly source: string;
}

type Maker = (scope: CheckScope, item: Item<CheckEntry>, head: Head) => Check;

const makers: Readonly<Record<Kind, Maker>> = {
  latency: (scope, { value, path, partial }, head) => {
    const below = boundOf(scope, [...path, 'below'], value.below);
    const above = boundOf(scope, [...path, 'above'], value.above);
    if (value.below === undefined && value.above === undefined && !partial) {
      complain(scope.context, path, 'expected below or above, found neither');
    }
    const of = {
      name: value.latency!.join(', '),
      uuids: selectVms(scope.context, [...path, 'latency'], value.latency!, scope.expanded.index),
    };
    return {
      kind: 'latency',
      ...head,
      of,
      phase: phaseOf(scope, path, value),
      percentile: value.percentile ?? 99,
      below,
      above,
    };
  },
  errors: (scope, { value, path, partial }, head) => {
    if (value.most === undefined && value.least === undefined && !partial) {
      complain(scope.context, path, 'expected most or least, found neither');
    }
    const of = {
      name: value.errors!.join(', '),
      uuids: selectVms(scope.context, [...path, 'errors'], value.errors!, scope.expanded.index),
    };
    return {
      kind: 'errors',
      ...head,
      of,
      phase: phaseOf(scope, path, value),
      most: value.most,
      least: value.least,
    };
  },
  pool: (scope, item, head) => {
    const state = stateOf(scope, item, poolStates);
    return {
      kind: 'pool',
      ...head,
      pool: partOf(scope, item, 'pool'),
      state,
      atNs: item.value.at ?? scope.durationNs,
    };
  },
  node: (scope, item, head) => {
    const state = stateOf(scope, item, nodeStates);
    return {
      kind: 'node',
      ...head,
      node: partOf(scope, item, 'node'),
      state,
      atNs: item.value.at ?? scope.durationNs,
    };
  },
  case: (scope, item, head) => {
    const { value, path } = item;
    const any = value.case === 'any';
    if (!any && !/^[A-Z0-9]+-\d{4}-[A-Z0-9]{2}$/.test(value.case!)) {
      complain(
        scope.context,
        [...path, 'case'],
        `expected a message id (for instance ZFS-8000-FD) or any, found ${shown(value.case)}`,
      );
    }
    const node = value.node === undefined ? '' : partOf(scope, item, 'node');
    return {
      kind: 'case',
      ...head,
      node,
      messageId: any ? '' : value.case!,
      present: value.present ?? true,
      ...spanOf(scope, item),
    };
  },
  fact: (scope, item, head) => {
    const { value, path } = item;
    const names = Object.keys(factNumbers);
    const fact = value.fact!.slice(0, 1).toLowerCase() + value.fact!.slice(1);
    if (!names.includes(fact)) {
      const hint = suggest(value.fact!, names.map(typeName));
      complain(
        scope.context,
        [...path, 'fact'],
        `expected the name of a fact, found ${shown(value.fact)}: ${hint}`,
      );
    }
    const unseen = value.seen === false;
    const least = value.least ?? (unseen || value.most === 0 ? 0 : 1);
    const most = value.most ?? (unseen ? 0 : Number.MAX_SAFE_INTEGER);
    if (least > most) complain(scope.context, [...path, 'least'], `expected at most ${most}, found ${least}`);
    const actor = value.actor ?? '';
    return { kind: 'fact', ...head, fact, actor, ...spanOf(scope, item), least, most };
  },
  conservation: (_scope, _item, head) => ({ kind: 'conservation', ...head }),
};

/** Facts are called ResilverFinished in prose and resilverFinished on the wire. */
function typeName(kind: string): string {
  return kind.slice(0, 1).toUpperCase() + kind.slice(1);
}

const poolStates: readonly PoolState[] = ['ONLINE', 'DEGRADED', 'FAULTED', 'SUSPENDED', 'UNAVAIL'];
const nodeStates: readonly NodeState[] = ['off', 'post', 'booting', 'running', 'panicked', 'hung'];

function stateOf<State extends string>(
  scope: CheckScope,
  item: Item<CheckEntry>,
  states: readonly State[],
): State {
  const found = states.find((state) => state === item.value.state);
  if (found === undefined && !(item.partial && item.value.state === undefined)) {
    const message = `expected one of ${states.join(', ')}, found ${shown(item.value.state)}`;
    complain(scope.context, [...item.path, 'state'], message);
  }
  return found ?? states[0]!;
}

function partOf(scope: CheckScope, item: Item<CheckEntry>, kind: 'pool' | 'node'): string {
  const text = item.value[kind]!;
  const found = resolveTarget(scope.expanded.datacenter, text, [kind]);
  if (found.ok) return found.address;
  if (!scope.expanded.brokenNodes)
    complain(scope.context, [...item.path, kind], `${shown(text)}: ${found.reason}`);
  return '';
}

function spanOf(
  scope: CheckScope,
  item: Item<CheckEntry>,
): { readonly fromNs: number; readonly toNs: number } {
  const fromNs = item.value.after ?? 0;
  const toNs = item.value.before ?? scope.durationNs;
  if (fromNs > toNs) complain(scope.context, [...item.path, 'after'], 'expected a time before "before"');
  return { fromNs, toNs };
}

/** `all` is the whole run, and always there. */
function phaseOf(scope: CheckScope, path: Path, value: CheckEntry): string {
  const name = value.phase ?? 'all';
  checkPhase(scope, [...path, 'phase'], name);
  return name;
}

function checkPhase(scope: CheckScope, path: Path, name: string): void {
  const names = [...new Set(['all', ...scope.phases.map((phase) => phase.name)])];
  if (names.includes(name) || scope.brokenPhases) return;
  complain(
    scope.context,
    path,
    `expected the name of a phase, found ${shown(name)}: ${suggest(name, names)}`,
  );
}

function boundOf(scope: CheckScope, path: Path, written: string | number | undefined): Bound | undefined {
  if (written === undefined) return undefined;
  const ns = parseDuration(written);
  if (ns !== undefined) return { kind: 'ns', ns };
  const ratio = /^(\d{1,6}(?:\.\d{1,6})?) ?[x×] ?([A-Za-z0-9._-]+)$/.exec(String(written));
  if (ratio === null) {
    const message = `expected a duration (for instance 30ms) or a multiple of another phase (for instance 2x before), found ${shown(written)}`;
    complain(scope.context, path, message);
    return undefined;
  }
  checkPhase(scope, path, ratio[2]!);
  return { kind: 'ratio', ratio: Number(ratio[1]), phase: ratio[2]! };
}
