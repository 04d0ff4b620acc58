/** What the runs of one combination of settings show together: checks counted, figures as median and 90 % range. */
import { intervalOf, medianOf } from '../answers/forecast/order-statistics.ts';
import type { Sweep } from './definition.ts';
import { ALL_VMS, type RunResult } from './result.ts';

/** A figure over the seeds; the range holds the next run's with 90 % where there are 19 runs or more, else it is all there is. */
export interface Spread {
  median: number;
  low: number;
  high: number;
  runs: number;
}

export interface Combination {
  settings: Readonly<Record<string, string>>;
  /** That came to their end. */
  runs: number;
  failed: number;
  /** In which every check held. */
  held: number;
  checks: { name: string; held: number; of: number }[];
  /** By group of VMs; null: nothing was served. */
  latency: { group: string; p50Ns: Spread | null; p99Ns: Spread | null }[];
  /** Failed tries of a run. */
  errors: Spread | null;
  /** Of the runs that recovered, ns. */
  recoveryNs: Spread | null;
  /** Runs in which something that a fault brought down was not back at the end. */
  notRecovered: number;
}

const LEVEL = 0.9;

function spreadOf(values: readonly (number | null | undefined)[]): Spread | null {
  const found = values.filter((value) => value !== null && value !== undefined);
  if (found.length === 0) return null;
  const { low, high } = intervalOf(found, LEVEL);
  return { median: medianOf(found), low, high, runs: found.length };
}

/** One for each variation, in the sweep's order. */
export function combinationsIn(sweep: Sweep, results: readonly RunResult[]): Combination[] {
  const name = (settings: Readonly<Record<string, string>>) => JSON.stringify(Object.values(settings));
  const byName = new Map<string, RunResult[]>(sweep.variations.map(({ settings }) => [name(settings), []]));
  for (const result of results) byName.get(name(result.settings))?.push(result);
  return sweep.variations.map(({ settings }) => combine(settings, byName.get(name(settings)) ?? []));
}

function combine(settings: Combination['settings'], results: readonly RunResult[]): Combination {
  const ended = results.filter(({ error }) => error === '');
  const names = (ended[0]?.checks ?? []).map((check) => check.name);
  const groups = [...new Set(ended.flatMap(({ latency }) => latency.map(({ group }) => group)))];
  const groupOf = (result: RunResult, wanted: string) => result.latency.find(({ group }) => group === wanted);
  return {
    settings,
    runs: ended.length,
    failed: results.length - ended.length,
    held: ended.filter(({ checks }) => checks.every(({ ok }) => ok)).length,
    // By place: two checks may bear one name.
    checks: names.map((name, at) => ({
      name,
      held: ended.filter(({ checks }) => checks[at]?.ok === true).length,
      of: ended.length,
    })),
    latency: groups.map((group) => ({
      group,
      p50Ns: spreadOf(ended.map((result) => groupOf(result, group)?.p50Ns)),
      p99Ns: spreadOf(ended.map((result) => groupOf(result, group)?.p99Ns)),
    })),
    errors: spreadOf(ended.map((result) => groupOf(result, ALL_VMS)?.errors ?? 0)),
    recoveryNs: spreadOf(ended.map(({ recoveryNs }) => recoveryNs)),
    notRecovered: ended.filter(({ recovered }) => !recovered).length,
  };
}

/** The group of VMs with the highest p99 in any combination, so that one column compares them all; undefined: none. */
export function worstGroup(combinations: readonly Combination[]): string | undefined {
  const found = combinations
    .flatMap(({ latency }) => latency)
    .filter(({ group, p99Ns }) => group !== ALL_VMS && p99Ns !== null)
    .sort((a, b) => (b.p99Ns?.median ?? 0) - (a.p99Ns?.median ?? 0));
  return found[0]?.group;
}
