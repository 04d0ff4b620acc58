/** How things are measured here: rounds of each in turn, medians, and a loop that says how fast the machine was. */

/** How large a bench is: `full` is what figures are quoted from, `tiny` only shows that it runs. */
export interface Scale {
  tiny: boolean;
  rounds: number;
}

export const FULL = { tiny: false, rounds: 5 } as const;
export const TINY = { tiny: true, rounds: 1 } as const;

/** One line of the table. */
export interface Row {
  what: string;
  value: number;
  unit: string;
  /** What it stands beside, measured in the same rounds. */
  baseline?: { what: string; value: number };
  /** Rate of the calibration loop in the same rounds, M/s. */
  calibration: number;
}

/** One thing that was promised, and what was found. */
export interface Target {
  what: string;
  wanted: string;
  found: string;
  ok: boolean;
}

/** What a bench found. A target that could not be measured is a note, and no pass. */
export interface Findings {
  rows: Row[];
  targets: Target[];
  notes: string[];
}

export type Bench = (scale: Scale) => Promise<Findings> | Findings;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Wall seconds of one call. */
export function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** Steps of a fixed integer loop a microsecond: compare figures of two machines by it. */
export function calibrate(): number {
  const steps = 4_000_000;
  let state = 1;
  const spent = seconds(() => {
    for (let i = 0; i < steps; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) ^ (state >>> 7);
  });
  return state === 0.5 ? 0 : steps / spent / 1e6;
}

/**
 * Runs every contender once a round, in turn, so that what else the machine does hits all alike.
 * @param contenders each gives its own rate, of whatever it counts
 * @returns medians by name, and the calibration loop's, M/s
 */
export async function alternate<Name extends string>(
  scale: Scale,
  contenders: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<{ rates: Record<Name, number>; calibration: number }> {
  const names = Object.keys(contenders) as Name[];
  const found = new Map<Name, number[]>(names.map((name) => [name, []]));
  const calibrations: number[] = [];
  for (let round = 0; round < scale.rounds; round++) {
    calibrations.push(calibrate());
    for (const name of names) found.get(name)?.push(await contenders[name]());
  }
  const rates = {} as Record<Name, number>;
  for (const name of names) rates[name] = median(found.get(name) ?? []);
  return { rates, calibration: median(calibrations) };
}

/** `8.51 M`, `212 k`, `97.4`: three digits. */
export function short(value: number): string {
  if (value >= 1e6) return `${digits(value / 1e6)} M`;
  if (value >= 1e4) return `${digits(value / 1e3)} k`;
  return digits(value);
}

function digits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

export function atLeast(what: string, found: number, wanted: number, unit: string): Target {
  return {
    what,
    wanted: `at least ${short(wanted)}${unit}`,
    found: `${short(found)}${unit}`,
    ok: found >= wanted,
  };
}

export function under(what: string, found: number, limit: number, unit: string): Target {
  return { what, wanted: `under ${short(limit)}${unit}`, found: `${short(found)}${unit}`, ok: found < limit };
}
