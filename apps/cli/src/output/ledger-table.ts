/** Where a request's time went: the accounts of the latency ledger down, the phases across. */
import type { Scenario } from '@orrery/spec';
import { accountName, type Figures, type Observer } from '@orrery/simulator';
import { figuresOfGroup, groupsOf, layOut, type Group } from './tables.ts';

/** Mean ns a request by account name, over zones. */
export function meanLedger(figures: Figures): Map<string, number> {
  const means = new Map<string, number>();
  for (const entry of figures.ledger) {
    const name = accountName(entry);
    means.set(name, (means.get(name) ?? 0) + entry.ns / Math.max(1, figures.measured));
  }
  return means;
}

/** Accounts with a line of their own; the others are one. */
const ACCOUNTS_MAX = 7;
const TABLES_MAX = 4;
/** A group whose mean in one phase is so many times that in another is worth a table. */
const CHANGE_LEAST = 1.1;
/** An account that never comes to this, in ns, is not worth a line. */
const SMALL_NS = 5_000;

interface PhaseMeans {
  name: string;
  accounts: Map<string, number>;
  totalNs: number;
}

/** Phases in which the group served anything. */
function phasesOf(scenario: Scenario, observer: Observer, group: Group): PhaseMeans[] {
  return scenario.phases.flatMap(({ name }) => {
    const figures = figuresOfGroup(observer, group.vms, name);
    if (figures.measured === 0) return [];
    return [{ name, accounts: meanLedger(figures), totalNs: figures.latencyNs / figures.measured }];
  });
}

function changeOf(phases: readonly PhaseMeans[]): number {
  const totals = phases.map(({ totalNs }) => totalNs);
  return Math.max(...totals) / Math.max(1, Math.min(...totals));
}

/** The accounts that are large in some phase, largest first. */
function mainAccounts(phases: readonly PhaseMeans[]): string[] {
  const most = new Map<string, number>();
  for (const { accounts } of phases) {
    for (const [name, ns] of accounts) most.set(name, Math.max(most.get(name) ?? 0, ns));
  }
  return [...most]
    .filter(([, ns]) => ns >= SMALL_NS)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, ACCOUNTS_MAX)
    .map(([name]) => name);
}

function ledgerTable(name: string, phases: readonly PhaseMeans[]): string[] {
  const accounts = mainAccounts(phases);
  const rows = accounts.map((account) => [
    account,
    ...phases.map((phase) => ms(phase.accounts.get(account) ?? 0)),
  ]);
  const others = phases.map(
    (phase) => phase.totalNs - accounts.reduce((sum, account) => sum + (phase.accounts.get(account) ?? 0), 0),
  );
  if (others.some((ns) => ns >= SMALL_NS)) rows.push(['other', ...others.map(ms)]);
  rows.push(['in all', ...phases.map(({ totalNs }) => ms(totalNs))]);
  const head = [`Where ${name}'s time went, ms a request`, ...phases.map((phase) => phase.name)];
  return layOut(
    head,
    rows,
    phases.map((_, index) => index + 1),
  );
}

/** One table for each VM or group that was asked for, or else for those that changed most from phase to phase. */
export function ledgerTables(scenario: Scenario, observer: Observer): string[] {
  const asked = scenario.print.vms.length > 0;
  // With nothing to compare, how a request's time went is worth telling by itself.
  const alone = scenario.phases.length === 1;
  return groupsOf(scenario)
    .map((group) => ({ name: group.name, phases: phasesOf(scenario, observer, group) }))
    .filter(({ phases }) => phases.length > 0 && (asked || alone || changeOf(phases) >= CHANGE_LEAST))
    .map((table) => ({ ...table, change: changeOf(table.phases) }))
    .sort((a, b) => b.change - a.change)
    .slice(0, asked ? Infinity : TABLES_MAX)
    .flatMap(({ name, phases }) => ['', ...ledgerTable(name, phases)]);
}

const ms = (ns: number) => (Math.max(0, ns) / 1e6).toFixed(2);
