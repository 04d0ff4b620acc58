/** The tables that end a run: plain text, aligned, the same in a pipe. */
import Table from 'cli-table3';
import { formatNs, formatTime } from '@orrery/spec';
import { Behind, Place, type LedgerEntry } from '@orrery/proto';
import type { Scenario, Vm } from '@orrery/spec';
import {
  addFigures,
  emptyFigures,
  percentile,
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
const latency = (figures: Figures, percent: number) => {
  const value = percentile(figures.latency, percent);
  return value === undefined ? '–' : formatNs(value);
};

interface Group {
  name: string;
  vms: Vm[];
}

/** VMs by themselves while they are few, by group when they are many. */
export function groupsOf(scenario: Scenario): Group[] {
  const { vms } = scenario.datacenter;
  const wanted = scenario.print.vms;
  const shown =
    wanted.length === 0 ? vms : vms.filter((vm) => wanted.includes(vm.uuid) || wanted.includes(vm.alias));
  if (shown.length <= 12) return shown.map((vm) => ({ name: vm.alias, vms: [vm] }));
  const groups = new Map<string, Group>();
  for (const vm of shown) {
    const group = groups.get(vm.group);
    if (group === undefined) groups.set(vm.group, { name: vm.group, vms: [vm] });
    else group.vms.push(vm);
  }
  return [...groups.values()].map((group) => ({ ...group, name: `${group.name} × ${group.vms.length}` }));
}

export function figuresOfGroup(observer: Observer, vms: readonly Vm[], phase: string): Figures {
  const sum = emptyFigures();
  for (const vm of vms) addFigures(sum, observer.vms.of(vm.uuid, phase));
  return sum;
}

export function vmTable(scenario: Scenario, observer: Observer): string[] {
  const phases = scenario.phases;
  const rows = groupsOf(scenario)
    .map((group) => {
      const whole = figuresOfGroup(observer, group.vms, '');
      if (whole.requests + whole.errors === 0) return undefined;
      const cells = [group.name, count(whole.requests), count(whole.errors)];
      for (const phase of phases) {
        const figures = figuresOfGroup(observer, group.vms, phase.name);
        cells.push(`${latency(figures, 50)} / ${latency(figures, 99)} / ${latency(figures, 99.9)}`);
      }
      return cells;
    })
    .filter((row) => row !== undefined);
  if (rows.length === 0) return ['No VM was asked anything.'];
  const head = ['VM', 'requests', 'errors', ...phases.map((phase) => `${phase.name} p50 / p99 / p999`)];
  return layOut(head, rows, [1, 2]);
}

const placeNames = Object.fromEntries(
  Object.entries(Place).map(([name, value]) => [value, name.toLowerCase().replaceAll('_', ' ')]),
);
const behindNames = Object.fromEntries(
  Object.entries(Behind).map(([name, value]) => [value, name.toLowerCase().replaceAll('_', ' ')]),
);

/** `vdev queue behind resilver`. */
export function accountName(entry: Pick<LedgerEntry, 'place' | 'behind'>): string {
  const place = placeNames[entry.place] ?? `place ${entry.place}`;
  return entry.behind === Behind.ITSELF ? place : `${place} behind ${behindNames[entry.behind]}`;
}

/** Mean ns a request by account name, over zones. */
export function meanLedger(figures: Figures): Map<string, number> {
  const means = new Map<string, number>();
  for (const entry of figures.ledger) {
    const name = accountName(entry);
    means.set(name, (means.get(name) ?? 0) + entry.ns / Math.max(1, figures.requests));
  }
  return means;
}

const LEDGER_COLUMNS = 9;

/** Where a request's time went, phase by phase, for each shown VM or group; the largest accounts by name, the rest as other. */
export function ledgerTables(scenario: Scenario, observer: Observer): string[] {
  const lines: string[] = [];
  for (const group of groupsOf(scenario)) {
    const whole = meanLedger(figuresOfGroup(observer, group.vms, ''));
    if (whole.size === 0) continue;
    const shown = [...whole].sort((a, b) => b[1] - a[1]).slice(0, LEDGER_COLUMNS);
    const names = shown.map(([name]) => name);
    const rows = scenario.phases.map((phase) => {
      const figures = figuresOfGroup(observer, group.vms, phase.name);
      const means = meanLedger(figures);
      const of = (name: string) => means.get(name) ?? 0;
      const total = figures.requests === 0 ? 0 : figures.latencyNs / figures.requests;
      const other = total - names.reduce((sum, name) => sum + of(name), 0);
      return [phase.name, ...names.map((name) => ms(of(name))), ms(other), ms(total)];
    });
    lines.push('', `Where ${group.name}'s time went (mean of a request, ms)`);
    lines.push(
      ...layOut(
        ['', ...names, 'other', 'total'],
        rows,
        names.map((_, i) => i + 1).concat([names.length + 1, names.length + 2]),
      ),
    );
  }
  return lines;
}

const ms = (ns: number) => (ns / 1e6).toFixed(2);

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

export function faultTable(faults: readonly FaultRow[]): string[] {
  if (faults.length === 0) return ['No fault was injected.'];
  const rows = faults.map((fault) => [
    fault.id,
    fault.kind,
    fault.target,
    formatTime(fault.injectedAt),
    fault.seenAt === undefined
      ? 'nothing'
      : `${fault.seenAs} ${formatTime(fault.seenAt)}${fault.caseOpen ? ', open' : ''}`,
    fault.repairedAt !== undefined
      ? `repaired ${formatTime(fault.repairedAt)}`
      : fault.revertedAt !== undefined
        ? `reverted ${formatTime(fault.revertedAt)}`
        : '–',
  ]);
  return layOut(['Fault', 'kind', 'part', 'injected', 'fmd said', 'over'], rows);
}

export function checkLines(checks: readonly CheckResult[]): string[] {
  const passed = checks.filter((check) => check.ok).length;
  const failed = checks.length - passed;
  const lines = checks.map(
    (check) => `${check.ok ? '✓' : '✗'} ${check.name}: ${check.found}${check.ok ? '' : `  ${check.source}`}`,
  );
  lines.push(failed === 0 ? `${passed} checks passed` : `${passed} checks passed, ${failed} failed`);
  return lines;
}
