/** Requests of each group of VMs by bucket: rate, errors, latency and the ledger. */
import { MS } from '@orrery/kernel';
import type { Facts, LedgerEntry } from '@orrery/proto';
import type { Scenario, Vm } from '@orrery/spec';
import { accountName } from '@orrery/simulator';
import { addAt, addLatency, closeLatency, createLatencyBuckets, type LatencyBuckets } from './buckets.ts';
import type { GroupSeries, Series } from './model.ts';

/** Groups with lines of their own; those beyond are one, `other`. */
const GROUPS_MAX = 8;
/** Accounts of a ledger with areas of their own. */
const ACCOUNTS_MAX = 8;

interface Group {
  name: string;
  vms: number;
  requests: number[];
  errors: number[];
  latency: LatencyBuckets;
  /** ns by account and bucket. */
  ledger: Map<string, number[]>;
}

export interface Groups {
  widthNs: number;
  list: Group[];
  ofVm: Map<string, Group>;
  ofAlias: Map<string, Group>;
}

export function createGroups(scenario: Scenario, widthNs: number): Groups {
  const groups: Groups = { widthNs, list: [], ofVm: new Map(), ofAlias: new Map() };
  const byName = new Map<string, Group>();
  for (const vm of scenario.datacenter.vms) {
    const group = groupOf(groups, byName, vm);
    group.vms++;
    groups.ofVm.set(vm.uuid, group);
    groups.ofAlias.set(vm.alias, group);
  }
  return groups;
}

function groupOf(groups: Groups, byName: Map<string, Group>, vm: Vm): Group {
  const isRoom = byName.has(vm.group) || byName.size < GROUPS_MAX - 1;
  const name = isRoom ? vm.group : 'other';
  let group = byName.get(name);
  if (group === undefined) {
    const latency = createLatencyBuckets(groups.widthNs);
    group = { name, vms: 0, requests: [], errors: [], latency, ledger: new Map() };
    byName.set(name, group);
    groups.list.push(group);
  }
  return group;
}

/** Adds what a zone served in one second. @param now time of the fact, ns */
export function addZoneServed(
  groups: Groups,
  address: string,
  served: Facts['zoneServed'],
  now: number,
): void {
  const group = groups.ofVm.get(address.slice(address.lastIndexOf('/') + 1));
  if (group === undefined) return;
  const index = Math.floor(served.from / groups.widthNs);
  addAt(group.requests, index, served.requests);
  addAt(group.errors, index, served.errors + served.refused);
  addLatency(group.latency, index, served.latency, now);
  addLedger(group.ledger, index, served.ledger);
}

/** Adds what clients gave up on: a node that is down reports nothing itself. */
export function addClientServed(groups: Groups, served: Facts['clientServed']): void {
  if (served.timeouts === 0) return;
  const group = groups.ofAlias.get(served.target);
  if (group !== undefined) addAt(group.errors, Math.floor(served.from / groups.widthNs), served.timeouts);
}

function addLedger(ledger: Map<string, number[]>, index: number, entries: readonly LedgerEntry[]): void {
  for (const entry of entries) {
    const name = accountName(entry);
    let values = ledger.get(name);
    if (values === undefined) ledger.set(name, (values = []));
    addAt(values, index, entry.ns);
  }
}

/** @param buckets how many buckets the page shows */
export function groupSeries(groups: Groups, buckets: number): GroupSeries[] {
  const seconds = groups.widthNs / 1e9;
  return groups.list
    .filter((group) => group.requests.length + group.errors.length > 0)
    .map((group) => {
      closeLatency(group.latency, Infinity);
      const { p50, p99, p999 } = group.latency;
      return {
        name: group.name,
        vms: group.vms,
        rate: stretch(group.requests, buckets).map((count) => shorten(count / seconds)),
        errors: stretch(group.errors, buckets).map((count) => shorten(count / seconds)),
        p50: withGaps(p50, buckets),
        p99: withGaps(p99, buckets),
        p999: withGaps(p999, buckets),
        ledger: ledgerSeries(group, buckets),
      };
    });
}

function ledgerSeries(group: Group, buckets: number): Series[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const accounts = [...group.ledger].sort((a, b) => sum(b[1]) - sum(a[1]));
  const mean = (lists: readonly (readonly number[])[]): number[] =>
    Array.from({ length: buckets }, (_, at) => {
      const requests = group.requests[at] ?? 0;
      const ns = lists.reduce((total, values) => total + (values[at] ?? 0), 0);
      return requests === 0 ? 0 : shorten(ns / requests / MS);
    });
  const series = accounts
    .slice(0, ACCOUNTS_MAX)
    .map(([name, values]): Series => ({ name, values: mean([values]) }));
  const rest = accounts.slice(ACCOUNTS_MAX).map(([, values]) => values);
  series.sort((a, b) => growth(a) - growth(b));
  if (rest.length > 0) series.unshift({ name: `${rest.length} other`, values: mean(rest) });
  return series;
}

/** How far the highest bucket stands above the middle one: what grew lies on top of the stack. */
function growth({ values }: Series): number {
  const sorted = values.map((value) => value ?? 0).sort((a, b) => a - b);
  return (sorted.at(-1) ?? 0) - (sorted[sorted.length >> 1] ?? 0);
}

function stretch(values: readonly number[], buckets: number): number[] {
  return Array.from({ length: buckets }, (_, at) => values[at] ?? 0);
}

/** As many values as there are buckets, shortened. */
export function withGaps(values: readonly (number | null)[], buckets: number): (number | null)[] {
  return Array.from({ length: buckets }, (_, at) => {
    const value = values[at] ?? null;
    return value === null ? null : shorten(value);
  });
}

/** Four digits are more than a chart shows, and a tenth of the page's size. */
export function shorten(value: number): number {
  return Number(value.toPrecision(4));
}
