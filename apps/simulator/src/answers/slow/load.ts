/** "No fault: load": more is asked, and nothing else changed. */
import { formatNs, formatTime } from '@orrery/spec';
import { reportsOf } from '../errors-seen.ts';
import { servedInAll } from './baseline.ts';
import { factStep, servedStep, type Reason, type SlowContext } from './context.ts';
import { loadRatio } from './neighbour.ts';
import { meanNs, perRequest, ratePerSecond, servedIn, windowsOf, type Served } from './served.ts';

/** More requests by this factor are load; fewer are noise. */
export const LOAD_RATIO = 1.15;

const WINDOW_NS = 10_000_000_000;
/** A client of which nothing ended for so long is told in the past, ns. */
const OVER_NS = 10_000_000_000;

export function isLoaded(context: SlowContext): boolean {
  return loadRatio(context) >= LOAD_RATIO;
}

/** More requests; whose, when one client asks more than before. */
export function load(context: SlowContext, detail: string): Reason {
  const { subject, now, baseline } = context;
  const rates = `${round(ratePerSecond(now))} requests a second, were ${round(ratePerSecond(baseline))}`;
  const step = servedStep(context, `${subject.name} ends ${rates}`);
  const client = growingClient(context);
  return {
    detail,
    because: client === undefined ? [step] : [step, { ...client.step, depth: 1 }],
    root: {
      kind: 'load',
      part: client?.address ?? subject.address,
      text: client?.step.text ?? step.text,
      fact: client?.step.fact ?? step.fact,
    },
  };
}

/**
 * The client that asks more than before. A backlog outlives the load that made it: what counts is what came since the
 * subject became slow, not what comes now.
 */
function growingClient(
  context: SlowContext,
): { address: string; step: Reason['because'][number] } | undefined {
  const { index, subject, stretches, now: present } = context;
  const since = slowSince(context);
  let best: { address: string; growth: number; step: Reason['because'][number] } | undefined;
  for (const { name, to, from } of index.datacenter.workloads) {
    if (from.kind !== 'outside' || (subject.vm !== undefined && !to.includes(subject.vm.uuid))) continue;
    const address = `client/${name}`;
    const facts = index.of(address, 'clientServed');
    const now = servedIn(facts, since, present.to);
    const before = servedInAll(facts, stretches);
    const growth = ratePerSecond(now) - ratePerSecond(before);
    if (now.fact === undefined || growth <= ratePerSecond(before) * (LOAD_RATIO - 1)) continue;
    if (best !== undefined && growth <= best.growth) continue;
    best = { address, growth, step: factStep(now.fact, asksWords(name, now, before), 1) };
  }
  return best;
}

function asksWords(name: string, now: Served, before: Served): string {
  const was = before.ended === 0 ? 'asked nothing before' : `were ${round(ratePerSecond(before))}`;
  const over = now.fact !== undefined && now.fact.time < now.to - OVER_NS;
  const verb = over ? 'asked' : 'asks';
  return `client ${name} ${verb} ${round(ratePerSecond(now))} a second since ${formatTime(now.from)}, ${was}${over ? '; none of it ended in the last 10 s' : ''}`;
}

/** Begin of the last unbroken stretch in which the subject was slow, at the latest that of now, ns. */
function slowSince({ index, subject, now, baseline }: SlowContext): number {
  const windows = windowsOf(reportsOf(index, subject), WINDOW_NS, now.from);
  const limit = meanNs(baseline) * LOAD_RATIO;
  let since = now.from;
  for (const window of windows.reverse()) {
    if (window.to < since - WINDOW_NS || (window.ended > 0 && meanNs(window) < limit)) break;
    since = window.from;
  }
  return since;
}

/** The same requests cost more of it than before. */
export function heavier(context: SlowContext, detail: string): Reason {
  const { subject, now, baseline } = context;
  const cpu = (served: typeof now) => formatNs(Math.round(perRequest(served.cpuNs, served)));
  const step = servedStep(
    context,
    `a request of ${subject.name} uses ${cpu(now)} of CPU, used ${cpu(baseline)}`,
  );
  return {
    detail,
    because: [step],
    root: { kind: 'load', part: subject.address, text: step.text, fact: step.fact },
  };
}

export function round(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}
