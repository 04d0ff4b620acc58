/**
 * The leaves of the schemas: each knows how its value is written and says so, whole, in the one message it has. Numbers
 * with units come out in base units.
 */
import { z } from 'zod';
import { parseDuration, parseFrequency, parseRate, parseShare, parseSize, parseThroughput } from './units.ts';

type Parser = (value: string | number) => number | undefined;

interface Bounds {
  readonly least?: number;
  readonly most?: number;
  /** What the bounds are, in words: `from 1 TiB`. */
  readonly words?: string;
}

function measure(what: string, parse: Parser, bounds: Bounds = {}) {
  const expected = `expected ${what}${bounds.words === undefined ? '' : `, ${bounds.words}`}`;
  return z
    .union([z.string(), z.number()], { error: expected })
    .transform((value, context) => {
      const parsed = parse(value);
      if (parsed !== undefined && parsed >= (bounds.least ?? 0) && parsed <= (bounds.most ?? Infinity))
        return parsed;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .meta({ description: expected.replace('expected ', '') });
}

export const durationWords = 'a duration (for instance 250us, 1.5s, 2m, 00:02:00)';
export const duration = (bounds?: Bounds) => measure(durationWords, parseDuration, bounds);
export const size = (bounds?: Bounds) =>
  measure('a size (for instance 64GiB, 300GB, 512B)', parseSize, bounds);
export const rate = () => measure('a rate (for instance 10Gbps)', parseRate, { least: 1 });
export const throughput = () =>
  measure('bytes a second (for instance 180MB/s)', parseThroughput, { least: 1 });
export const frequency = () =>
  measure('a number a second (for instance 20/s, 90/min)', parseFrequency, { least: 1e-9 });
export const share = () => measure('a share (for instance 25%)', parseShare);

/** A whole number of something, `what` in words: `percent of one CPU (for instance 250)`. */
export function whole(what: string, least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const to = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  const error = `expected a whole number of ${what}`;
  const range = `expected a whole number from ${least}${to} of ${what}`;
  return z
    .int({ error, abort: true })
    .min(least, { error: range })
    .max(most, { error: range })
    .meta({ description: `a whole number of ${what}` });
}

export function real(what: string, least: number, most: number) {
  const error = `expected ${what}, a number from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
}

export function flag(what: string) {
  return z.boolean({ error: `expected true or false (${what})` }).meta({ description: what });
}

export function text(what: string) {
  const error = `expected ${what}`;
  return z.string({ error }).min(1, { error }).max(4096, { error }).meta({ description: what });
}

/** A text of a fixed form. */
export function form(what: string, pattern: RegExp) {
  const error = `expected ${what}`;
  return z.string({ error }).regex(pattern, { error }).meta({ description: what });
}

export const nameWords = 'a name of letters, digits, ., - and _, not starting with a dash or a dot';
export const name = () => form(nameWords, /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/);
export const uuid = () => form('a UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
export const mac = () =>
  form('a MAC address (for instance 02:08:20:5e:1f:0a)', /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i);

/** One of some words; the complaint suggests the near one (see shape.ts, which adds it). */
export function choice<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, { error: `expected one of ${words.join(', ')}` });
}

/** A map with just these keys. The message of an unknown key is the list of the known ones: shape.ts words it. */
export function record<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : 'expected a map of settings'),
  });
}

/** A map from names to things. */
export function named<Item extends z.ZodType>(item: Item, what: string) {
  return z
    .record(name(), item, {
      error: (issue) =>
        issue.code === 'invalid_key' ? `expected ${nameWords}` : `expected a map of ${what} by name`,
    })
    .meta({ description: what });
}

export function list<Item extends z.ZodType>(item: Item, what: string) {
  return z.array(item, { error: `expected a list of ${what}` }).meta({ description: what });
}

/** One name, or a list of them; globs where the field takes them. */
export function selector(what: string) {
  const error = `expected ${what}`;
  const one = z.string({ error }).min(1, { error }).max(256, { error });
  return z
    .union([one, z.array(one, { error }).min(1, { error })], { error })
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .meta({ description: what });
}
