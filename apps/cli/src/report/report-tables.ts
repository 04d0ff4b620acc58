/** The tables under the charts: the same figures as those that end a run on a terminal. */
import { formatNs, formatTime } from '@orrery/spec';
import type { Scenario } from '@orrery/spec';
import { latencyAt, type Figures, type Observer } from '@orrery/simulator';
import { figuresOfGroup, groupsOf } from '../output/tables.ts';
import type { Table } from './model.ts';

const count = (value: number) => value.toLocaleString('en-US');

function latencies(figures: Figures): string {
  const at = (percent: number) => {
    const value = latencyAt(figures, percent);
    return value === undefined ? '–' : formatNs(value);
  };
  return `${at(50)} / ${at(99)} / ${at(99.9)}`;
}

function vmTable(scenario: Scenario, observer: Observer): Table {
  const rows: string[][] = [];
  for (const group of groupsOf(scenario)) {
    const whole = figuresOfGroup(observer, group.vms, '');
    if (whole.requests + whole.errors === 0) continue;
    const phases = scenario.phases.map((phase) => latencies(figuresOfGroup(observer, group.vms, phase.name)));
    rows.push([group.name, count(whole.requests), count(whole.errors), ...phases]);
  }
  const head = [
    'VM',
    '>Requests',
    '>Failed tries',
    ...scenario.phases.map(({ name }) => `>${name} p50 / p99 / p999`),
  ];
  return { title: 'Virtual machines', head, rows, empty: 'No VM was asked anything.' };
}

function faultTable(observer: Observer): Table {
  const rows = observer.faults().map((row) => {
    const over = row.repairedAt ?? row.revertedAt;
    const seen =
      row.seenAt === undefined ? 'never' : `${row.seenAs} after ${formatNs(row.seenAt - row.injectedAt)}`;
    const state = row.seenAt === undefined ? '' : row.caseOpen ? 'open' : 'closed';
    const ended = over === undefined ? 'still there' : formatTime(over);
    return [row.id, row.kind, row.target, formatTime(row.injectedAt), seen, state, ended];
  });
  const head = ['Fault', 'Kind', 'Part', '>Injected', 'fmd said', 'Case', '>Over'];
  return { title: 'Faults, and what fmd said', head, rows, empty: 'Nothing was broken.' };
}

function caseTable(observer: Observer): Table {
  const rows = [...observer.timelines.cases.values()]
    .filter((row) => row.message)
    .map((row) => [
      row.uuid.slice(0, 8),
      row.node,
      row.code,
      row.severity,
      row.suspects.map((suspect) => `${suspect.class} ${suspect.certainty} % ${suspect.resource}`).join('; '),
      formatTime(row.listedAt),
      row.closedAt === undefined
        ? row.state.toLowerCase()
        : `${row.state.toLowerCase()} ${formatTime(row.closedAt)}`,
    ]);
  const head = ['Case', 'Node', 'Message', 'Severity', 'Suspects', '>Listed', 'State'];
  return { title: 'Cases of the fault managers', head, rows, empty: 'fmd opened no case.' };
}

function checkTable(observer: Observer): Table {
  const rows = observer.checks().map(({ ok, name, found, source }) => [ok ? '✓' : '✗', name, found, source]);
  return {
    title: 'Checks',
    head: ['', 'Check', 'Found', 'Where'],
    rows,
    empty: 'The scenario states no check.',
  };
}

export function reportTables(scenario: Scenario, observer: Observer): Table[] {
  return [vmTable(scenario, observer), faultTable(observer), caseTable(observer), checkTable(observer)];
}
