/** CPU bursting of a node's zones: the CPU model says how fast each runs, and is told when a cap drops or is back. */
import type { Context } from '@orrery/actor';
import { rateOf, retuneCpu } from './model/cpu.ts';
import {
  advanceBurst,
  effectiveCap,
  makeBurst,
  nextTurn,
  setRate,
  turn,
  type Burst,
  type BurstLimits,
} from './model/cpu-burst.ts';
import type { OsState } from './state.ts';

const BURST_TICK = { name: 'burst', number: 0 };

/** Begins to track a zone that has come up, if its limits ask for that. */
export function trackBurst(
  os: OsState,
  place: { slot: number; zone: number },
  limits: BurstLimits,
  now: number,
): void {
  const burst = makeBurst(place, limits, now);
  if (burst !== undefined) os.bursts.push(burst);
}

export function dropBurst(os: OsState, zone: number): void {
  os.bursts = os.bursts.filter((burst) => burst.zone !== zone);
}

/**
 * After all of an event's changes: takes up the rates that came out. A turn that has come nearer gets a timer; one that
 * moved away keeps its own, which finds that out when it fires: so timers are no more than rates that changed.
 */
export function tendBursts(ctx: Context, os: OsState): void {
  let due = Infinity;
  for (let i = 0; i < os.bursts.length; i++) {
    const burst = os.bursts[i];
    const rate = percent(os, burst);
    if (rate === burst.rate) continue;
    setRate(burst, ctx.now, rate);
    due = Math.min(due, nextTurn(burst));
  }
  arm(ctx, os, due);
}

/** A turn is due, or was when the timer was set. */
export function burstTick(ctx: Context, os: OsState): void {
  os.burstAt = 0;
  for (const burst of os.bursts) {
    advanceBurst(burst, ctx.now);
    const before = effectiveCap(burst);
    if (!turn(burst)) continue;
    const { shares, vcpus } = os.cpu.zones[burst.slot]!;
    const capPercent = effectiveCap(burst);
    retuneCpu(os.cpu, ctx.now, os.cpu.cpus, burst.slot, { shares, vcpus, capPercent });
    ctx.send(burst.zone, 'zoneCap', { before, cap: capPercent, burstNs: burst.cpuBurstNs });
  }
  let due = Infinity;
  for (const burst of os.bursts) {
    burst.rate = percent(os, burst);
    due = Math.min(due, nextTurn(burst));
  }
  arm(ctx, os, due);
}

function percent(os: OsState, { slot }: Burst): number {
  return 100 * rateOf(os.cpu, slot);
}

function arm(ctx: Context, os: OsState, due: number): void {
  if (due === Infinity || (os.burstAt > 0 && os.burstAt <= due)) return;
  os.burstAt = due;
  ctx.timer('burst', due, 'tick', BURST_TICK);
}
