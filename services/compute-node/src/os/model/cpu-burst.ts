/**
 * CPU bursting lowers a zone's cap to its baseline when it was over the baseline for too long; it saves up no CPU time.
 *
 * Why.       A cap that serves a busy moment would serve a busy week: whoever sells the baseline wants the rest back.
 * Intuition. A counter of seconds: up while the zone is over its baseline, down while it is not. At the limit the cap
 *            drops to the baseline, and back when the counter is down to nothing.
 * Rules.     1. Usage is the zone's rate, decayed: after a step of the rate, 1/e of the step is left after DECAY_NS.
 *            2. With the full cap, burst time counts up while usage is over the baseline, else down, never below 0.
 *            3. When it reaches the limit, the cap in effect is the baseline; burst time counts down, whatever the usage.
 *            4. At 0 the full cap is back: a zone that is always hot has the limit at its cap, the limit at its baseline.
 *            5. Only a baseline below the cap, with a limit, is tracked. A boot begins with nothing counted.
 * Law.       usage = rate + (usage then − rate) · e^(−elapsed / DECAY_NS); over when usage > baseline + OVER_PERCENT.
 *            Between two changes of the rate, usage crosses that at most once, after DECAY_NS · ln of the distances' ratio,
 *            rounded up to a whole ns: so what counts, and when it runs out, is known without looking in between.
 * State.     One for each tracked zone, from when it comes up until it is gone.
 * Differs.   From cpucaps, which counts in ticks of 1 ms and compares without OVER_PERCENT: there a zone whose usage falls
 *            to its baseline from above is over it for as long as the integers take.
 * Omits.     The kstats of caps (above_base_sec, bursting_sec): a zone with unlimited burst time is not tracked at all.
 */
import { exp, log, MS } from '@orrery/kernel';

/** Of usage, ns: 100 ticks at a hundredth a tick. Less would count each request as a burst, more would miss short ones. */
const DECAY_NS = 100 * MS;
/**
 * Percent of one CPU by which usage must exceed the baseline. An exponential does not reach the baseline from above, so
 * with 0 a zone that runs at its baseline would count as over it; 1 would miss a cap one percent over its baseline.
 */
const OVER_PERCENT = 0.01;

/** What a zone is held to; CPUs in percent of one, time in ns. */
export interface BurstLimits {
  cpuCap: number;
  cpuBaseline: number;
  cpuBurstNs: number;
}

export interface Burst extends BurstLimits {
  /** Its slot in the CPU model, and its actor. */
  slot: number;
  zone: number;
  /** Decayed, at `at`, and what it has decayed to since; percent of one CPU. */
  usage: number;
  rate: number;
  /** ns. */
  at: number;
  /** Burst time that counts at `at`, ns. */
  countNs: number;
  /** Whether the baseline is the cap in effect. */
  held: boolean;
}

/** Undefined where there is nothing to track. */
export function makeBurst(
  place: { slot: number; zone: number },
  limits: BurstLimits,
  now: number,
): Burst | undefined {
  const { cpuCap, cpuBaseline, cpuBurstNs } = limits;
  if (cpuBaseline === 0 || cpuBaseline >= cpuCap || cpuBurstNs === 0) return undefined;
  return { ...place, cpuCap, cpuBaseline, cpuBurstNs, usage: 0, rate: 0, at: now, countNs: 0, held: false };
}

/** The cap in effect, percent of one CPU. */
export function effectiveCap(burst: Burst): number {
  return burst.held ? burst.cpuBaseline : burst.cpuCap;
}

/** Brings usage and burst time up to `now`, and lets the rate be another from there on. */
export function setRate(burst: Burst, now: number, rate: number): void {
  advanceBurst(burst, now);
  burst.rate = rate;
}

/** Brings usage and burst time up to `now`, at the present rate. */
export function advanceBurst(burst: Burst, now: number): void {
  const ns = now - burst.at;
  if (ns === 0) return;
  if (burst.held) burst.countNs = Math.max(0, burst.countNs - ns);
  else {
    const before = Math.min(ns, crossingNs(burst));
    count(burst, before, isOver(burst));
    count(burst, ns - before, !isOver(burst));
  }
  burst.usage = burst.rate + (burst.usage - burst.rate) * exp(-ns / DECAY_NS);
  burst.at = now;
}

/** When burst time next runs out, or the full cap is back, should the rate stay as it is, ns; Infinity: it does not. */
export function nextTurn(burst: Burst): number {
  const { at, countNs, cpuBurstNs, held } = burst;
  if (held) return at + countNs;
  const crossing = crossingNs(burst);
  if (isOver(burst)) return cpuBurstNs - countNs <= crossing ? at + cpuBurstNs - countNs : Infinity;
  return at + crossing + cpuBurstNs - Math.max(0, countNs - crossing);
}

/** Changes the cap in effect if it is time. @returns whether it was */
export function turn(burst: Burst): boolean {
  const due = burst.held ? burst.countNs === 0 : burst.countNs >= burst.cpuBurstNs;
  if (due) burst.held = !burst.held;
  return due;
}

function count(burst: Burst, ns: number, over: boolean): void {
  burst.countNs = over ? burst.countNs + ns : Math.max(0, burst.countNs - ns);
}

function threshold(burst: Burst): number {
  return burst.cpuBaseline + OVER_PERCENT;
}

function isOver(burst: Burst): boolean {
  return burst.usage > threshold(burst);
}

/** How long until usage is on the other side of the baseline, ns; Infinity: it stays on this one. */
function crossingNs(burst: Burst): number {
  const level = threshold(burst);
  const { usage, rate } = burst;
  if (usage > level ? rate >= level : rate <= level) return Infinity;
  return Math.ceil(DECAY_NS * log((usage - rate) / (level - rate)));
}
