/** How an operator reads times and sizes; `units.ts` has the exact forms that files are written in. */

const second = 1_000_000_000;
const minute = 60 * second;
const hour = 60 * minute;

/** A moment of a run, cut to milliseconds: `00:02:15.021`; hours go on past 24. */
export function formatTime(ns: number): string {
  const part = (unit: number, base: number, width = 2) =>
    String(Math.floor(ns / unit) % base).padStart(width, '0');
  return `${part(hour, Infinity)}:${part(minute, 60)}:${part(second, 60)}.${part(1_000_000, 1000, 3)}`;
}

/** A length of time in the unit that suits it: `250 µs`, `4.1 ms`, `7m26s`, `2h05m`. */
export function formatNs(ns: number): string {
  if (ns < 0) return `-${formatNs(-ns)}`;
  if (ns < 59.95 * second) return scaled(ns, ['ns', 'µs', 'ms', 's'], 1000);
  const [large, small, unit] =
    ns < hour - second / 2 ? (['m', 's', second] as const) : (['h', 'm', minute] as const);
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
