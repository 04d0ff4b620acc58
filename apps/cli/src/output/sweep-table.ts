/** The end of a sweep: one line a combination of settings, then each check that did not always hold. */
import { formatNs } from '@orrery/spec';
import { ALL_VMS, worstGroup, type Combination, type RunResult, type Spread } from '@orrery/simulator/sweep';
import { layOut } from './tables.ts';

const figure = (value: number) => value.toLocaleString('en-US');

/** `1.2 ms (1.1 ms–1.4 ms)`; the range is left out where it is one value. */
function spreadText(spread: Spread | null | undefined, text: (value: number) => string): string {
  if (spread === null || spread === undefined) return '–';
  const [median, low, high] = [spread.median, spread.low, spread.high].map(text);
  return low === high ? median : `${median} (${low}–${high})`;
}

function recoveryText({ recoveryNs, notRecovered }: Combination): string {
  const never = notRecovered === 0 ? [] : [`${notRecovered} not`];
  const took = recoveryNs === null ? [] : [spreadText(recoveryNs, formatNs)];
  return [...took, ...never].join(', ') || '–';
}

/** @param paths the varied settings, in order */
export function sweepTable(paths: readonly string[], combinations: readonly Combination[]): string[] {
  const group = worstGroup(combinations) ?? ALL_VMS;
  const failing = combinations.some(({ failed }) => failed > 0);
  const rows = combinations.map((combination) => {
    const { settings, runs, failed, held, checks, latency, errors } = combination;
    const served = latency.find((each) => each.group === group);
    return [
      ...paths.map((path) => settings[path] ?? ''),
      figure(runs),
      ...(failing ? [figure(failed)] : []),
      checks.length === 0 ? '–' : `${held}/${runs}`,
      spreadText(served?.p50Ns, formatNs),
      spreadText(served?.p99Ns, formatNs),
      recoveryText(combination),
      spreadText(errors, figure),
    ];
  });
  const head = [
    ...paths,
    'runs',
    ...(failing ? ['not ended'] : []),
    'all checks',
    `${group} p50`,
    `${group} p99`,
    'recovery',
    'failed tries',
  ];
  return layOut(head, rows, [paths.length]);
}

/** Checks that did not hold in every run; how many did. */
export function sweepChecks(paths: readonly string[], combinations: readonly Combination[]): string[] {
  const rows: string[][] = [];
  let always = 0;
  for (const at of combinations.find(({ checks }) => checks.length > 0)?.checks.keys() ?? []) {
    const broken = combinations.filter(({ checks }) => (checks[at]?.held ?? 0) < (checks[at]?.of ?? 0));
    if (broken.length === 0) always++;
    for (const { settings, checks } of broken) {
      const { name, held, of } = checks[at];
      rows.push([name, ...paths.map((path) => settings[path] ?? ''), `${held}/${of}`]);
    }
  }
  const counted = `${always} check${always === 1 ? '' : 's'} held in every run`;
  if (rows.length === 0) return always === 0 ? [] : [counted];
  return [...layOut(['Check', ...paths, 'held'], rows, [paths.length + 1]), counted];
}

/** At most so many failures are told one by one. */
const TOLD_MAX = 5;

export function failureLines(results: readonly RunResult[]): string[] {
  const failed = results.filter(({ error }) => error !== '');
  const lines = failed.slice(0, TOLD_MAX).map(({ key, error }) => `✗ ${key}: ${error}`);
  return failed.length > TOLD_MAX ? [...lines, `✗ and ${failed.length - TOLD_MAX} more`] : lines;
}
