/** The end of a run: tables for people, one object for programs. */
import type { Scenario } from '@orrery/spec';
import { engine } from '@orrery/simulator';
import { ledgerTables } from '../output/ledger-table.ts';
import { checkLines, faultTable, jobTable, poolTable, vmTable } from '../output/tables.ts';
import type { SessionResult } from './session.ts';

/** The last line of `--json`. */
export function summaryObject(
  scenario: Scenario,
  seed: number,
  result: SessionResult,
): Record<string, unknown> {
  const { simulation, observer, spans, wallSeconds, simSeconds } = result;
  const { made, exported, sampledOut, failed } = spans;
  return {
    scenario: scenario.name,
    digest: simulation.digest(),
    seed,
    engine,
    events: simulation.host.events,
    facts: simulation.facts,
    commands: simulation.commandsTaken,
    simSeconds,
    wallSeconds: Math.round(wallSeconds * 1000) / 1000,
    eventsPerSecond: Math.round(simulation.host.events / Math.max(wallSeconds, 1e-6)),
    ended: result.ended,
    spans: { made, exported, sampledOut, failed },
    checks: observer.checks(),
    faults: observer.faults(),
  };
}

/** Tables, then checks. */
export function summaryLines(scenario: Scenario, result: SessionResult): string[] {
  const { observer } = result;
  const wanted = scenario.print.tables;
  const lines: string[] = [];
  const add = (name: (typeof wanted)[number], table: () => readonly string[]) => {
    if (!wanted.includes(name)) return;
    const text = table();
    if (text.length > 0) lines.push('', ...text);
  };
  add('vms', () => vmTable(scenario, observer));
  add('jobs', () => jobTable(observer));
  if (wanted.includes('ledger')) lines.push(...ledgerTables(scenario, observer));
  add('pools', () => poolTable(scenario, observer));
  add('faults', () => faultTable(observer));
  add('checks', () => checkLines(observer.checks()));
  return lines;
}

/** How fast it went: differs from run to run, so it goes to standard error. */
export function speedLine(result: SessionResult): string {
  const { simulation, wallSeconds, simSeconds, spans } = result;
  const events = simulation.host.events;
  const size = events >= 1e6 ? `${(events / 1e6).toFixed(1)} M` : `${Math.round(events / 1000)} k`;
  const ratio = Math.round(simSeconds / Math.max(wallSeconds, 1e-6));
  const spanText =
    spans.made === 0
      ? ''
      : `${spans.exported} spans exported of ${spans.made}, ${spans.sampledOut} sampled out, ${spans.failed} failed · `;
  return `${spanText}${size} events in ${wallSeconds.toFixed(1)} s (${ratio} × real time)`;
}
