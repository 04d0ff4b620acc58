/**
 * Distributions as plain data, and draws from them.
 *
 * Why.       A fork with another seed redraws what is pending, given the time that has already passed.
 * Law.       A draw above a floor is X given X > floor, and a plain draw has no floor. The survival function
 *            is inverted where that has a closed form; normal (Robert 1995) and Zipf (rejection-inversion,
 *            Hörmann and Derflinger 1996, without its squeeze) reject, in bounded tries.
 */
import { exp, log, pow } from './math.ts';
import { uniform, type Stream } from './random.ts';

/** Values have the unit of the parameters; times are in ns. A draw is not rounded. */
export type Distribution =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; minimum: number; maximum: number }
  /** Memoryless waits. `mean` > 0. */
  | { kind: 'exponential'; mean: number }
  /** A heavy tail from `minimum` > 0: P(X > x) = (minimum/x)^shape. Its mean is infinite for `shape` <= 1. */
  | { kind: 'pareto'; minimum: number; shape: number }
  /** exp of a normal: half of the draws are under `median` > 0; `sigma` > 0 is the deviation of log X. */
  | { kind: 'lognormal'; median: number; sigma: number }
  /** Wear (shape > 1) or early failure (shape < 1): P(X > x) = exp(-(x/scale)^shape). Both > 0. */
  | { kind: 'weibull'; scale: number; shape: number }
  /** May be negative. `deviation` > 0. */
  | { kind: 'normal'; mean: number; deviation: number }
  /** Ranks 1 to `ranks`, rank k with a weight of k^-exponent; `exponent` >= 0. */
  | { kind: 'zipf'; ranks: number; exponent: number }
  /** A table: P(X <= values[i]) = cumulative[i], both ascending, the last of `cumulative` 1. */
  | { kind: 'empirical'; values: readonly number[]; cumulative: readonly number[] };

type Ranked = Extract<Distribution, { kind: 'zipf' }>;

/** A try succeeds more often than one in three: reached only with parameters that have no draw. */
const TRIES_MAX = 1000;

/** What is left of a time of this distribution that has lasted `elapsed` already; 0 where it should be over. */
export function drawRemaining(distribution: Distribution, elapsed: number, stream: Stream): number {
  return Math.max(0, draw(distribution, stream, elapsed) - elapsed);
}

/** One value of the distribution, given that it lies above `floor`. */
export function draw(d: Distribution, stream: Stream, floor = -Infinity): number {
  switch (d.kind) {
    case 'constant':
      return d.value;
    case 'uniform': {
      const low = Math.max(d.minimum, floor);
      return low + uniform(stream) * (d.maximum - low);
    }
    case 'exponential':
      return Math.max(0, floor) + d.mean * waiting(stream);
    case 'pareto':
      return Math.max(d.minimum, floor) * exp(waiting(stream) / d.shape);
    case 'lognormal':
      return d.median * exp(d.sigma * normalAbove(log(Math.max(0, floor) / d.median) / d.sigma, stream));
    case 'weibull':
      return d.scale * pow(pow(Math.max(0, floor) / d.scale, d.shape) + waiting(stream), 1 / d.shape);
    case 'normal':
      return d.mean + d.deviation * normalAbove((floor - d.mean) / d.deviation, stream);
    case 'zipf':
      return zipfAbove(d, Math.max(0, Math.floor(floor)), stream);
    case 'empirical': {
      const passed = firstAbove(d.values, floor);
      const reached = passed === 0 ? 0 : d.cumulative[passed - 1]!;
      const at = firstAbove(d.cumulative, reached + uniform(stream) * (1 - reached));
      return d.values[Math.min(at, d.values.length - 1)]!;
    }
  }
}

/** An exponential of mean 1. */
function waiting(stream: Stream): number {
  return -log(1 - uniform(stream));
}

/** Robert's tail above max(0, floor); with a floor below 0 that is half a normal, and a coin gives its sign. */
function normalAbove(floor: number, stream: Stream): number {
  const from = Math.max(0, floor);
  const rate = (from + Math.sqrt(from * from + 4)) / 2;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const beyond = from + waiting(stream) / rate;
    if (2 * waiting(stream) < (beyond - rate) * (beyond - rate)) continue;
    const normal = floor < 0 && uniform(stream) < 0.5 ? -beyond : beyond;
    if (normal > floor) return normal;
  }
  throw new RangeError(`no normal above ${floor} in ${TRIES_MAX} tries`);
}

function zipfAbove({ ranks, exponent }: Ranked, floor: number, stream: Stream): number {
  const first = Math.min(floor + 1, ranks);
  const high = zipfArea(ranks + 0.5, exponent);
  const low = zipfArea(first + 0.5, exponent) - pow(first, -exponent);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const area = high - uniform(stream) * (high - low);
    const rank = Math.min(ranks, Math.max(first, Math.round(zipfPoint(area, exponent))));
    if (area >= zipfArea(rank + 0.5, exponent) - pow(rank, -exponent)) return rank;
  }
  throw new RangeError(`no rank above ${floor} of ${ranks} in ${TRIES_MAX} tries`);
}

/** The integral of t^-exponent from 1 to x: (x^(1 − exponent) − 1)/(1 − exponent), to 8 digits. */
function zipfArea(x: number, exponent: number): number {
  const t = (1 - exponent) * log(x);
  return log(x) * (Math.abs(t) < 1e-8 ? 1 + t / 2 : (exp(t) - 1) / t);
}

/** The x at which {@link zipfArea} reaches an area. */
function zipfPoint(area: number, exponent: number): number {
  const t = (1 - exponent) * area;
  return exp(area * (Math.abs(t) < 1e-8 ? 1 - t / 2 : log(1 + t) / t));
}

/** The index of the first number above the limit; the length where there is none. */
function firstAbove(ascending: readonly number[], limit: number): number {
  let at = 0;
  while (at < ascending.length && ascending[at]! <= limit) at++;
  return at;
}
