/** Results as a table for other programs: a line a run, a column each setting, figure and check. */
import type { Sweep } from './definition.ts';
import type { RunResult } from './result.ts';

/** Units are in the columns' names; an empty cell is a figure that the run does not have. */
export function csvOf(sweep: Sweep, results: readonly RunResult[]): string {
  const paths = sweep.varied.map(({ path }) => path);
  const groups = [...new Set(results.flatMap(({ latency }) => latency.map(({ group }) => group)))];
  const checks = results.find(({ error }) => error === '')?.checks.map(({ name }) => name) ?? [];
  const head = [
    'run',
    ...paths,
    'seed',
    'digest',
    'error',
    'checks_held',
    'checks',
    'recovered',
    'recovery_s',
    ...groups.flatMap((group) =>
      ['requests', 'errors', 'p50_ms', 'p99_ms'].map((what) => `${group}_${what}`),
    ),
    ...checks.map((name) => `check: ${name}`),
    'events',
    'simulated_s',
    'wall_s',
    'engine',
    'worker',
  ];
  const lines = results.map((result) => lineOf(result, paths, groups, checks.length));
  return [head, ...lines].map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

type Cell = string | number | boolean | null;

function lineOf(
  result: RunResult,
  paths: readonly string[],
  groups: readonly string[],
  checks: number,
): Cell[] {
  const { recoveryNs, latency } = result;
  return [
    result.key,
    ...paths.map((path) => result.settings[path] ?? ''),
    result.seed,
    result.digest,
    result.error,
    result.checks.filter(({ ok }) => ok).length,
    result.checks.length,
    result.error === '' ? result.recovered : '',
    recoveryNs === null ? null : recoveryNs / 1_000_000_000,
    ...groups.flatMap((wanted) => {
      const found = latency.find(({ group }) => group === wanted);
      return [found?.requests ?? null, found?.errors ?? null, inMs(found?.p50Ns), inMs(found?.p99Ns)];
    }),
    ...Array.from({ length: checks }, (_, at) => result.checks[at]?.ok ?? null),
    result.events,
    result.simSeconds,
    result.wallSeconds,
    result.engine,
    result.worker,
  ];
}

const inMs = (ns: number | null | undefined) => (ns === null || ns === undefined ? null : ns / 1_000_000);

function quoted(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
