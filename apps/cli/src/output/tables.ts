/** The tables that end a run: plain text, aligned, the same in a pipe. */
import Table from 'cli-table3';
import { formatNs, formatTime } from '@orrery/spec';
import type { Scenario, Vm } from '@orrery/spec';
import {
  addFigures,
  emptyFigures,
  latencyAt,
  stateAt,
  type CheckResult,
  type FaultRow,
  type Figures,
  type Observer,
} from '@orrery/simulator';

/** Rows of cells as aligned text, two blanks between columns. */
export function layOut(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const table = new Table({
    head: [...head],
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

const count = (value: number) => value.toLocaleString('en-US');
/** `1.2 ms / 4.1 ms`, or a dash when nothing was served. */
function latencies(figures: Figures, percents: readonly number[]): string {
  const values = percents.map((percent) => latencyAt(figures, percent));
  return values.every((value) => value !== undefined)
    ? values.map((value) => formatNs(value)).join(' / ')
    : '–';
}

/** With more phases than these the 99.9th percentile is left out: lines must fit a terminal. */
const WIDE_PHASES_MAX = 4;

const percentName = (percent: number) => `p${String(percent).replace('.', '')}`;

export interface Group {
  name: string;
  vms: Vm[];
}

/** VMs of one group that are more than so many are shown as one. */
const SINGLY_MAX = 3;

/** VMs by themselves, but those of a large group together: they are alike. */
export function groupsOf(scenario: Scenario): Group[] {
  const { vms } = scenario.datacenter;
  const wanted = scenario.print.vms;
  const shown =
    wanted.length === 0 ? vms : vms.filter((vm) => wanted.includes(vm.uuid) || wanted.includes(vm.alias));
  const sizes = new Map<string, number>();
  for (const { group } of shown) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const groups = new Map<string, Group>();
  for (const vm of shown) {
    const size = sizes.get(vm.group) ?? 0;
    const name = size > SINGLY_MAX ? `${vm.group} × ${size}` : vm.alias;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { name, vms: [vm] });
    else group.vms.push(vm);
  }
  return [...groups.values()];
}

export function figuresOfGroup(observer: Observer, vms: readonly Vm[], phase: string): Figures {
  const sum = emptyFigures();
  for (const vm of vms) addFigures(sum, observer.vms.of(vm.uuid, phase));
  return sum;
}

export function vmTable(scenario: Scenario, observer: Observer): string[] {
  const phases = scenario.phases;
  const percents = phases.length > WIDE_PHASES_MAX ? [50, 99] : [50, 99, 99.9];
  const rows = groupsOf(scenario)
    .map((group) => {
      const whole = figuresOfGroup(observer, group.vms, '');
      if (whole.requests + whole.errors === 0) return undefined;
      const cells = [group.name, count(whole.requests), count(whole.errors)];
      for (const phase of phases) {
        const figures = figuresOfGroup(observer, group.vms, phase.name);
        cells.push(latencies(figures, percents));
      }
      return cells;
    })
    .filter((row) => row !== undefined);
  if (rows.length === 0) return ['No VM was asked anything.'];
  const head = [
    'VM',
    'requests',
    'failed tries',
    ...phases.map((phase) => `${phase.name} ${percents.map(percentName).join(' / ')}`),
  ];
  return layOut(head, rows, [1, 2]);
}

export function poolTable(scenario: Scenario, observer: Observer): string[] {
  const rows: string[][] = [];
  for (const node of scenario.datacenter.nodes) {
    for (const pool of node.pools) {
      const address = `${node.address}/pool/${pool.name}`;
      const changes = observer.timelines.pools.get(address);
      if (changes === undefined) continue;
      const path = changes.map((change) => `${change.state} ${formatTime(change.time)}`).join(', ');
      rows.push([address, stateAt(changes, Infinity, 'ONLINE'), path]);
    }
  }
  return rows.length === 0 ? ['Every pool stayed ONLINE.'] : layOut(['Pool', 'now', 'changes'], rows);
}

/** VMs of more names than these are only counted. */
const USERS_MAX = 1;

function usersText(users: readonly string[]): string {
  if (users.length === 0) return 'no';
  const shown = users.slice(0, USERS_MAX).join(', ');
  return users.length > USERS_MAX ? `${shown}, +${users.length - USERS_MAX}` : shown;
}

/** To the second: a table is for comparing. */
const clockTime = (ns: number) => formatTime(ns).slice(0, 8);

function overText({ repairedAt, replacedAt, revertedAt }: FaultRow): string {
  if (repairedAt !== undefined) return `repaired ${clockTime(repairedAt)}`;
  if (revertedAt !== undefined) return `reverted ${clockTime(revertedAt)}`;
  return replacedAt === undefined ? '–' : `no, replaced ${clockTime(replacedAt)}`;
}

export function faultTable(observer: Observer): string[] {
  const faults = observer.faults();
  if (faults.length === 0) return ['No fault was injected.'];
  const rows = faults.map((fault) => [
    fault.id,
    fault.kind,
    fault.target,
    clockTime(fault.injectedAt),
    observer.effects.of(fault.id) || '–',
    fault.seenAt === undefined
      ? 'nothing'
      : `${fault.seenAs} ${clockTime(fault.seenAt)}${fault.caseOpen ? ', open' : ''}`,
    usersText(fault.users),
    overText(fault),
  ]);
  return layOut(
    ['Fault', 'kind', 'part', 'injected', 'brought about', 'fmd said', 'felt meanwhile', 'over'],
    rows,
  );
}

/** Steps of provisioning; nothing when no job ran. */
export function jobTable(observer: Observer): string[] {
  const rows = observer.jobs
    .rows()
    .map(({ step, count: times, medianNs, maxNs }) => [
      step.replaceAll('_', ' '),
      count(times),
      formatNs(medianNs),
      formatNs(maxNs),
    ]);
  return rows.length === 0 ? [] : layOut(['Step', 'jobs', 'p50', 'max'], rows, [1, 2, 3]);
}

export function checkLines(checks: readonly CheckResult[]): string[] {
  const passed = checks.filter((check) => check.ok).length;
  const failed = checks.length - passed;
  const lines = checks.map(
    (check) => `${check.ok ? '✓' : '✗'} ${check.name}: ${check.found}${check.ok ? '' : `  ${check.source}`}`,
  );
  const held = `${passed} ${passed === 1 ? 'check' : 'checks'} passed`;
  lines.push(failed === 0 ? held : `${held}, ${failed} failed`);
  return lines;
}
