/** Units of time (integer nanoseconds) and of size (bytes), and how an operator reads them. */

export const US = 1_000;
export const MS = 1_000_000;
export const SECOND = 1_000_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** A moment of a run, cut to milliseconds: `00:02:15.021`; hours go on past 24. */
export function formatTime(ns: number): string {
  const part = (unit: number, base: number, width = 2) =>
    String(Math.floor(ns / unit) % base).padStart(width, '0');
  return `${part(HOUR, Infinity)}:${part(MINUTE, 60)}:${part(SECOND, 60)}.${part(MS, 1000, 3)}`;
}

/** A length of time in the unit that suits it: `250 µs`, `4.1 ms`, `7m26s`, `2h05m`. */
export function formatNs(ns: number): string {
  if (ns < 0) return `-${formatNs(-ns)}`;
  if (ns < 59.95 * SECOND) return scaled(ns, ['ns', 'µs', 'ms', 's'], 1000);
  const [large, small, unit] =
    ns < HOUR - SECOND / 2 ? (['m', 's', SECOND] as const) : (['h', 'm', MINUTE] as const);
  const count = Math.round(ns / unit);
  return `${Math.floor(count / 60)}${large}${String(count % 60).padStart(2, '0')}${small}`;
}

/** A size in binary units: `8 KiB`, `20.1 GiB`. */
export function formatBytes(bytes: number): string {
  return bytes < 0
    ? `-${formatBytes(-bytes)}`
    : scaled(bytes, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 1024);
}

/** Whole where it is exact or has three digits before the point, else with one decimal. */
function scaled(value: number, [unit = '', ...larger]: readonly string[], factor: number): string {
  if (larger.length > 0 && value >= factor - 0.5) return scaled(value / factor, larger, factor);
  return `${Number.isInteger(value) || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
