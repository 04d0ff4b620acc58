/**
 * When a subject will be near its baseline again, where a rate can be read off.
 *
 * Law.   An ARC that fills by random reads fills at a rate in proportion to what it lacks, and so does the growth fall:
 *        t = lack / rate × ln(growth ÷ (0.1 × baseline)), the time until a request is within 10 % of the baseline.
 *        A resilver ends when what is left has been copied at the rate it had so far.
 */
import { log } from '@orrery/kernel';
import { formatBytes, formatNs } from '@orrery/spec';
import type { Root } from '../answer.ts';
import type { SlowContext } from './context.ts';
import { meanNs, servedIn } from './served.ts';
import { resilverTime } from './storage-rules.ts';

const NEAR = 0.1;
/** Stretch over which the ARC's filling is measured, ns. */
const FILL_NS = 30_000_000_000;

/** Where a growth's root lies, and what it is. */
export interface Slowness {
  context: SlowContext;
  root: Root;
}

export function outlookOf(growths: readonly Slowness[]): string[] {
  const lines: string[] = [];
  const cold = growths.find(({ root }) => root.kind === 'cold-arc');
  if (cold !== undefined) lines.push(...arcOutlook(cold.context));
  const copied = growths.find(({ root }) => root.kind === 'resilver');
  const left = copied === undefined ? undefined : resilverTime(copied.context);
  if (left !== undefined) lines.push(`The resilver will be through in about ${formatNs(left)}.`);
  return lines;
}

function arcOutlook({ index, subject, now, baseline }: SlowContext): string[] {
  const growthNs = meanNs(now) - meanNs(baseline);
  const facts = index.of(subject.address, 'zoneServed');
  const before = servedIn(facts, now.to - 2 * FILL_NS, now.to - FILL_NS);
  const first = before.fact === undefined ? 0 : before.arcBytes;
  const rate = (now.arcBytes - first) / (FILL_NS / 1e9);
  const goal =
    baseline.arcBytes === 0 ? now.workingSetBytes : Math.min(baseline.arcBytes, now.workingSetBytes);
  const near = NEAR * meanNs(baseline);
  if (rate <= 0 || goal <= now.arcBytes || near <= 0 || growthNs <= near) return [];
  const seconds = ((goal - now.arcBytes) / rate) * log(growthNs / near);
  return [
    `${subject.name} will be within 10 % of its baseline in about ${formatNs(Math.round(seconds) * 1e9)} (ARC fills at ${formatBytes(Math.round(rate))}/s).`,
  ];
}
