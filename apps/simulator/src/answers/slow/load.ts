/** "No fault: load": more is asked, and nothing else changed. */
import { formatNs } from '@orrery/spec';
import { servedInAll } from './baseline.ts';
import { factStep, servedStep, type Reason, type SlowContext } from './context.ts';
import { loadRatio } from './neighbour.ts';
import { perRequest, ratePerSecond, servedIn } from './served.ts';

/** More requests by this factor are load; fewer are noise. */
export const LOAD_RATIO = 1.15;

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

function growingClient(
  context: SlowContext,
): { address: string; step: Reason['because'][number] } | undefined {
  const { index, subject, stretches, now: present } = context;
  let best: { address: string; growth: number; step: Reason['because'][number] } | undefined;
  for (const { name, to, from } of index.datacenter.workloads) {
    if (from.kind !== 'outside' || (subject.vm !== undefined && !to.includes(subject.vm.uuid))) continue;
    const address = `client/${name}`;
    const facts = index.of(address, 'clientServed');
    const now = servedIn(facts, present.from, present.to);
    const before = servedInAll(facts, stretches);
    const growth = ratePerSecond(now) - ratePerSecond(before);
    if (now.fact === undefined || growth <= ratePerSecond(before) * (LOAD_RATIO - 1)) continue;
    if (best !== undefined && growth <= best.growth) continue;
    const was = before.ended === 0 ? 'asked nothing before' : `were ${round(ratePerSecond(before))}`;
    const text = `client ${name} asks ${round(ratePerSecond(now))} a second, ${was}`;
    best = { address, growth, step: factStep(now.fact, text, 1) };
  }
  return best;
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
