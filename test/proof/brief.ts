/** A scenario cut short for runs over a broker: its incident comes early, and it ends soon after. */
import { MS, SECOND } from '@orrery/kernel';
import type { Scenario, TimelineEntry, Workload } from '@orrery/spec';

/** When the first thing happens, ns. */
const FIRST_NS = 2 * SECOND;
/** Time between two things that happen, ns, where there was more. */
const APART_NS_MAX = 4 * SECOND;
/** How long a fault lasts, ns, where it lasted longer. */
const FOR_NS_MAX = 5 * SECOND;
const LOOKAHEAD_NS = MS;

/** The same datacenter and commands, in the same order, within `seconds`; lookahead 1 ms. */
export function briefly(scenario: Scenario, seconds: number): Scenario {
  const { datacenter, timeline } = scenario;
  const { workloads } = datacenter;
  const move = earlier([
    ...timeline.map(({ atNs }) => atNs),
    ...workloads.flatMap(({ startAtNs, stopAtNs }) => [startAtNs, stopAtNs]),
  ]);
  return {
    ...scenario,
    durationNs: seconds * SECOND,
    timeline: timeline.map((entry) => briefEntry(entry, move)),
    datacenter: {
      ...datacenter,
      lookaheadNs: LOOKAHEAD_NS,
      workloads: workloads.map((load): Workload => ({
        ...load,
        startAtNs: move(load.startAtNs),
        stopAtNs: move(load.stopAtNs),
      })),
    },
  };
}

function briefEntry(entry: TimelineEntry, move: (time: number) => number): TimelineEntry {
  const { command, atNs } = entry;
  const brief =
    command.kind === 'inject' ? { ...command, forNs: Math.min(command.forNs, FOR_NS_MAX) } : command;
  return { ...entry, atNs: move(atNs), command: brief };
}

/** Keeps the order of moments; what was early or never stays. */
function earlier(moments: readonly number[]): (time: number) => number {
  const sorted = [...new Set(moments)]
    .filter((time) => time > FIRST_NS && Number.isSafeInteger(time) && time < Number.MAX_SAFE_INTEGER / 2)
    .sort((a, b) => a - b);
  const moved = new Map<number, number>();
  let at = FIRST_NS;
  let before = sorted[0] ?? 0;
  for (const time of sorted) {
    at += Math.min(time - before, APART_NS_MAX);
    before = time;
    moved.set(time, at);
  }
  return (time) => moved.get(time) ?? time;
}
