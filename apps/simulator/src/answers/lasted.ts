/** How long a subject has been as it is: its state since that state's own change, its outage since what began it. */
import { formatNs, formatTime } from '@orrery/spec';
import { isKind, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { historyOf, type Outage } from './history.ts';
import type { Subject } from './subject.ts';

const wellWords: Partial<Record<Subject['kind'], string>> = {
  pool: 'ONLINE',
  disk: 'ONLINE',
  vm: 'running',
  link: 'up',
};

/** `SUSPENDED for 20 s (since …), and not ONLINE for 3m00s (since …)`. @param chain why it began */
export function lastedOf(
  index: FactIndex,
  subject: Subject,
  { first, last }: Outage,
  chain: readonly Fact[],
): string {
  const lasted = (since: number) => `for ${formatNs(index.until - since)} (since ${formatTime(since)})`;
  const whole = begunAt(chain, first.fact);
  if (subject.kind === 'node' || subject.kind === 'switch') return `down ${lasted(whole)}`;
  const changes = historyOf(index, subject).filter(({ fact }) => fact.time >= first.fact.time);
  const other = changes.findLastIndex(({ state }) => state !== last.state);
  const since = (changes[other + 1] ?? last).fact.time;
  const own = `${last.state} ${lasted(since)}`;
  return since === whole ? own : `${own}, and not ${wellWords[subject.kind] ?? 'well'} ${lasted(whole)}`;
}

/** When an outage began, ns: a zone serves nobody from the hang of its node on, not from the reset that ended that. */
export function begunAt(chain: readonly Fact[], first: Fact): number {
  if (!isKind(first, 'zoneStateChanged')) return first.time;
  const hang = chain.find((fact) => isKind(fact, 'nodeStateChanged') && fact.payload.state === 'hung');
  return Math.min(first.time, hang?.time ?? Infinity);
}
