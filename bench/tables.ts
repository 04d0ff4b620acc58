/** What was found, as lines for people. */
import { short, type Row, type Target } from './measure.ts';

/** Columns as wide as their longest cell; the first two are names, the others figures. */
function aligned(rows: readonly (readonly string[])[], names: number): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < names ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

export function rowLines(rows: readonly Row[]): string[] {
  const head = ['What', 'Beside', 'Found', '', 'Baseline', 'Ratio', 'Loop M/s'];
  const cells = rows.map(({ what, value, unit, baseline, calibration }) => [
    what,
    baseline?.what ?? '',
    short(value),
    unit,
    baseline === undefined ? '' : short(baseline.value),
    baseline === undefined ? '' : (value / baseline.value).toPrecision(3),
    calibration.toFixed(0),
  ]);
  return aligned([head, ...cells], 2);
}

export function targetLines(targets: readonly Target[]): string[] {
  const cells = targets.map(({ what, wanted, found, ok }) => [ok ? '✓' : '✗', what, wanted, found]);
  return aligned([['', 'Target', 'Wanted', 'Found'], ...cells], 3);
}
