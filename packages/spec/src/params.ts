/** Parameters of faults and repairs, as a person writes them, by their catalogue. */
import { nearest, suggest } from './near.ts';
import { shown } from './problem.ts';
import type { CatalogueParam, Param, ParamUnit } from './scenario-model.ts';
import { formatBytes } from './text.ts';
import {
  formatDuration,
  formatFrequency,
  parseDuration,
  parseFrequency,
  parseShare,
  parseSize,
} from './units.ts';

const wordsOf: Readonly<Record<ParamUnit, string>> = {
  duration: 'a duration (for instance 20s)',
  size: 'a size (for instance 4KiB)',
  rate: 'a number a second (for instance 20/s)',
  share: 'a share (for instance 5%)',
  number: 'a number',
  text: 'a text',
};

export type Given = string | number | boolean;

export type ParamsResult =
  | { readonly ok: true; readonly params: readonly Param[] }
  | {
      readonly ok: false;
      readonly wrong: readonly {
        readonly name: string;
        readonly message: string;
        readonly unknown: boolean;
      }[];
    };

/** All parameters of a kind, in the catalogue's order, defaults filled in; or everything that is wrong with those given. */
export function fillParams(
  known: readonly CatalogueParam[],
  given: Readonly<Record<string, Given>>,
): ParamsResult {
  const wrong: { name: string; message: string; unknown: boolean }[] = [];
  const names = known.map((param) => param.name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    wrong.push({ name, message: `is not one of its parameters; ${suggest(name, names)}`, unknown: true });
  }
  const params: Param[] = [];
  for (const param of known) {
    const value = Object.hasOwn(given, param.name) ? given[param.name]! : param.default;
    const read = value === '' && param.unit !== 'text' ? undefined : readParam(param, value);
    if (read !== undefined) params.push(read);
    else wrong.push({ name: param.name, message: complaint(param, value), unknown: false });
  }
  return wrong.length === 0 ? { ok: true, params } : { ok: false, wrong };
}

function readParam(param: CatalogueParam, value: Given): Param | undefined {
  if (param.unit === 'text') {
    const text = String(value);
    if (param.allowed.length > 0 && !param.allowed.includes(text)) return undefined;
    return text === '' && param.default !== '' ? undefined : { name: param.name, number: 0, text };
  }
  const number = readNumber(param.unit, value);
  if (number === undefined || number < (param.least ?? 0) || number > (param.most ?? Infinity))
    return undefined;
  return { name: param.name, number, text: '' };
}

function readNumber(unit: Exclude<ParamUnit, 'text'>, value: Given): number | undefined {
  if (typeof value === 'boolean') return undefined;
  if (unit === 'duration') return parseDuration(value);
  if (unit === 'size') return parseSize(value);
  if (unit === 'rate') return parseFrequency(value);
  if (unit === 'share') return parseShare(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
}

function complaint(param: CatalogueParam, value: Given): string {
  const found = value === '' ? 'nothing' : shown(value);
  if (param.allowed.length > 0) {
    const near = nearest(String(value), param.allowed);
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    return `expected one of ${param.allowed.join(', ')}, found ${found}${hint}`;
  }
  const from = param.least === undefined ? '' : ` from ${param.least}`;
  const to = param.most === undefined ? '' : ` to ${param.most}`;
  return `expected ${wordsOf[param.unit]}${from}${to}, found ${found}`;
}

/** A parameter as its catalogue's unit is written. */
export function formatParam(known: readonly CatalogueParam[], param: Param): string {
  const unit = known.find((row) => row.name === param.name)?.unit ?? 'number';
  if (unit === 'text') return param.text;
  if (unit === 'duration') return formatDuration(param.number);
  if (unit === 'size') return formatBytes(param.number).replace(' ', '');
  if (unit === 'share') return `${Number((param.number * 100).toFixed(6))}%`;
  return unit === 'rate' ? formatFrequency(param.number) : `${param.number}`;
}
