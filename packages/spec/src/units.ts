/**
 * Units as people write them, to integers and back. A parser gives undefined for what it does not understand: the
 * caller knows the field, and words the complaint.
 */

const nsOf: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1_000,
  µs: 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
  m: 60_000_000_000,
  min: 60_000_000_000,
  h: 3_600_000_000_000,
  d: 86_400_000_000_000,
};

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  TB: 1_000_000_000_000,
  PB: 1_000_000_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
  TiB: 1_099_511_627_776,
  PiB: 1_125_899_906_842_624,
};

const bpsOf: Readonly<Record<string, number>> = {
  bps: 1,
  kbps: 1_000,
  Kbps: 1_000,
  Mbps: 1_000_000,
  Gbps: 1_000_000_000,
  Tbps: 1_000_000_000_000,
};

const perSecondOf: Readonly<Record<string, number>> = { s: 1, sec: 1, min: 1 / 60, m: 1 / 60, h: 1 / 3600 };

const clock = /^(\d{1,4}):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?$/;
const amount = /^(\d{1,16}(?:\.\d{1,9})?) ?([A-Za-zµ]{1,4})$/;
const oneTerm = /(\d{1,16}(?:\.\d{1,9})?)([a-zµ]{1,3})/gy;
const perTime = /^(\d{1,12}(?:\.\d{1,9})?) ?\/ ?([a-z]{1,3})$/;
const percent = /^(\d{1,9}(?:\.\d{1,9})?) ?%$/;

/** An integer from `value × unit` that is a whole number but for the error of floating point; else undefined. */
function whole(value: number, unit: number): number | undefined {
  const exact = value * unit;
  const rounded = Math.round(exact);
  if (!Number.isSafeInteger(rounded) || Math.abs(exact - rounded) > 1e-3) return undefined;
  return rounded;
}

function measured(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const found = amount.exec(text.trim());
  if (found === null || !Object.hasOwn(units, found[2]!)) return undefined;
  return whole(Number(found[1]), units[found[2]!]!);
}

/** `250us`, `1.5s`, `1h30m`, `00:02:00`, `00:02:00.250` or 0, to nanoseconds. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return value === 0 ? 0 : undefined;
  const text = value.trim();
  if (text === '0') return 0;
  const hands = clock.exec(text);
  if (hands !== null) {
    const seconds = Number(hands[1]) * 3600 + Number(hands[2]) * 60 + Number(hands[3]);
    return whole(seconds * 1e9 + Number((hands[4] ?? '').padEnd(9, '0')), 1);
  }
  if (/^\d+(\.\d+)? [a-zµ]+$/.test(text)) return measured(text, nsOf);
  return sumOfTerms(text);
}

function sumOfTerms(text: string): number | undefined {
  let total = 0;
  let unitBefore = Infinity;
  let end = 0;
  oneTerm.lastIndex = 0;
  for (let term = oneTerm.exec(text); term !== null; term = oneTerm.exec(text)) {
    const unit = Object.hasOwn(nsOf, term[2]!) ? nsOf[term[2]!]! : Infinity;
    const ns = whole(Number(term[1]), unit);
    if (ns === undefined || unit >= unitBefore) return undefined;
    total += ns;
    unitBefore = unit;
    end = oneTerm.lastIndex;
  }
  return end === text.length && end > 0 && Number.isSafeInteger(total) ? total : undefined;
}

/** `64GiB`, `300GB`, `512B` or 0, to bytes. */
export function parseSize(value: string | number): number | undefined {
  if (typeof value === 'number') return value === 0 ? 0 : undefined;
  return value.trim() === '0' ? 0 : measured(value, bytesOf);
}

/** `10Gbps`, to bits a second. */
export function parseRate(value: string | number): number | undefined {
  if (typeof value === 'number') return value === 0 ? 0 : undefined;
  return measured(value, bpsOf);
}

/** `180MB/s`, to bytes a second. */
export function parseThroughput(value: string | number): number | undefined {
  if (typeof value === 'number' || !value.endsWith('/s')) return undefined;
  return measured(value.slice(0, -2), bytesOf);
}

/** `20/s`, `90/min`, to a number a second, which need not be whole. */
export function parseFrequency(value: string | number): number | undefined {
  if (typeof value === 'number') return value === 0 ? 0 : undefined;
  const found = perTime.exec(value.trim());
  if (found === null || !Object.hasOwn(perSecondOf, found[2]!)) return undefined;
  return Number(found[1]) * perSecondOf[found[2]!]!;
}

/** `25%` or 0.25, to a fraction from 0 to 1. */
export function parseShare(value: string | number): number | undefined {
  const found = typeof value === 'string' ? percent.exec(value.trim()) : null;
  const share = typeof value === 'number' ? value : found === null ? Number.NaN : Number(found[1]) / 100;
  return share >= 0 && share <= 1 ? share : undefined;
}

const durationSteps: readonly (readonly [string, number])[] = [
  ['s', 1_000_000_000],
  ['ms', 1_000_000],
  ['us', 1_000],
];

/** Nanoseconds as a file would write them: `250us`, `1.5s`, `7m26s`, `1h`. Exact: parsing gives the same number. */
export function formatDuration(ns: number): string {
  if (ns >= 60_000_000_000) return formatLong(ns);
  for (const [unit, size] of durationSteps) if (ns >= size) return `${decimal(ns, size)}${unit}`;
  return ns === 0 ? '0s' : `${ns}ns`;
}

function formatLong(ns: number): string {
  let rest = ns;
  let text = '';
  for (const [unit, size] of [
    ['d', 86_400_000_000_000],
    ['h', 3_600_000_000_000],
    ['m', 60_000_000_000],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return rest === 0 ? text : `${text}${decimal(rest, 1_000_000_000)}s`;
}

/** `value / size` in decimal digits, without exponent and without trailing zeros; size is a power of ten. */
function decimal(value: number, size: number): string {
  const fraction = String(value % size).padStart(String(size).length - 1, '0');
  const kept = size === 1 ? '' : fraction.replace(/0+$/, '');
  const units = String(Math.floor(value / size));
  return kept === '' ? units : `${units}.${kept}`;
}

/** A number a second as a file would write it: `20/s`, `6/min`, `0.5/h`. */
export function formatFrequency(perSecond: number): string {
  const unit = ['s', 'min'].find((name) => perSecond >= perSecondOf[name]!) ?? 'h';
  return `${Number((perSecond / perSecondOf[unit]!).toFixed(6))}/${unit}`;
}

/** Bits a second for people: `10 Gbps`. */
export function formatRate(bps: number): string {
  for (const unit of ['Tbps', 'Gbps', 'Mbps', 'kbps']) {
    const size = bpsOf[unit]!;
    if (bps >= size) return `${String(Math.round((bps * 10) / size) / 10)} ${unit}`;
  }
  return `${bps} bps`;
}
