/**
 * Why: from what is seen of a subject back to what began it.
 *
 * Rules. 1. A change of state that still lasts is explained first; then silence (its node is down, hung or cut off);
 *           then errors; then slowness. Otherwise it is up, and its last outage is told.
 *        2. Every step stands on a fact. What was injected is only ever the last line, and never changes another.
 */
import { formatNs, formatTime } from '@orrery/spec';
import type { Root, Step, Verdict, WhyAnswer } from './answer.ts';
import { causesOf, injectionOf, rootOf, stepsOf } from './causes.ts';
import { missingPool, nodeDownChain } from './down.ts';
import { refOf, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { historyOf, nodeState, outagesOf, poolOf, presentOutage, vmStateOf, type Outage } from './history.ts';
import { explainDamage } from './damage.ts';
import { FABRIC_SILENT, fmdNow, nodeNow, openSuspects, outageNow, poolNow } from './now.ts';
import { partName } from './part-name.ts';
import { partOf } from './words.ts';
import { begunAt, lastedOf } from './lasted.ts';
import { isMissing, missingPoolOf, outOfService, poolChains } from './pool-causes.ts';
import { powerChains } from './power-causes.ts';
import { cutOffBy } from './reach.ts';
import type { Subject } from './subject.ts';
import { findErrors, type ErrorsSeen } from './errors-seen.ts';
import { explainProvisioning } from './provisioning.ts';
import { slow } from './slow/slow.ts';

export function why(index: FactIndex, subject: Subject): WhyAnswer {
  return (
    (subject.kind === 'vm' || subject.kind === 'headnode'
      ? explainProvisioning(index, subject)
      : undefined) ??
    whyDown(index, subject) ??
    (subject.kind === 'vm' ? (whySilent(index, subject) ?? whyBlocked(index, subject)) : undefined) ??
    (subject.kind === 'node' ? (whyCutOff(index, subject) ?? whyPart(index, subject)) : undefined) ??
    whyErrors(index, subject) ??
    whySlow(index, subject) ??
    explainDamage(index, subject) ??
    whyCase(index, subject) ??
    whyUp(index, subject)
  );
}

const verdicts: Readonly<Record<Subject['kind'], Verdict>> = {
  node: 'down',
  vm: 'down',
  pool: 'degraded',
  disk: 'down',
  switch: 'down',
  link: 'down',
  part: 'degraded',
  client: 'errors',
  headnode: 'down',
};

const NOT_IMPORTED = ': its pool could not be imported';

/** An outage of the subject itself. */
export function whyDown(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const outage = presentOutage(index, subject);
  if (outage === undefined) return undefined;
  const missing = missingPool(index, subject);
  const begin = missing ?? beginOf(index, subject, outage);
  const ofPool = missing !== undefined || subject.kind === 'pool';
  const chains = ofPool ? poolChains(index, begin) : powerChains(index, causesOf(index, begin));
  const chain = chains[0] ?? [];
  return {
    ...empty(index, subject, verdicts[subject.kind]),
    headline: `${subject.name} has been ${lastedOf(index, subject, outage, chain)}${missing === undefined ? '' : NOT_IMPORTED}.`,
    ...toldAll(index, chains),
    now: outageNow(index, subject, outage, chains.flat()),
  };
}

/** What to explain: of a pool or disk its worst news, of the others what began the outage. */
function beginOf(index: FactIndex, subject: Subject, { first, last }: Outage): Fact {
  if (subject.kind === 'pool' || subject.kind === 'part') return last.fact;
  if (subject.kind === 'vm' && first.state === 'booting') {
    return historyOf(index, subject).at(0)?.fact ?? first.fact;
  }
  return first.fact;
}

/** The VM's own state is well, but its node does not run: a hung node's zones say nothing. */
function whySilent(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const state = nodeState(index, subject.node);
  if (state === 'running') return whyCutOff(index, subject);
  const chain = nodeDownChain(index, subject.node);
  const begin = chain[0];
  if (begin === undefined) return undefined;
  return {
    ...empty(index, subject, 'unreachable'),
    headline: `${subject.name} does not answer for ${formatNs(index.until - begin.time)}: its node ${subject.node} is ${state === 'hung' ? 'hung' : 'down'}.`,
    ...told(index, chain),
    now: [
      nodeNow(index, subject.node),
      ...fmdNow(index, subject.node, chain, chain.at(-1)?.time ?? begin.time),
    ],
  };
}

function whyCutOff(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const cut = cutOffBy(index.withoutInjections(), subject.node, subject.vm?.spec);
  if (cut === undefined) return undefined;
  const chain = causesOf(index, cut);
  const server = index.last('serverStatusChanged', (fact) => fact.payload.server === subject.node);
  const listed = subject.kind === 'vm' ? ` ${subject.name} itself is ${vmStateOf(index, subject)}` : '';
  return {
    ...empty(index, subject, 'unreachable'),
    headline: `${subject.name} cannot be reached from outside for ${formatNs(index.until - cut.time)} (since ${formatTime(cut.time)}).`,
    ...told(index, chain),
    now: [
      `the head node lists ${subject.node} as ${server?.payload.status ?? 'running'};${listed === '' ? ' it runs' : listed}`,
      FABRIC_SILENT,
    ],
  };
}

/** Its pool answers no I/O, or was not there when it was to boot for the first time. */
function whyBlocked(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const pool = poolOf(index, subject);
  const missing = isMissing(index, pool);
  const last = missing ? missingPool(index, subject) : outOfService(index, pool);
  if (last === undefined) return undefined;
  const chains = poolChains(index, last);
  const chain = chains[0] ?? [];
  return {
    ...empty(index, subject, missing ? 'down' : 'unreachable'),
    headline: missing
      ? `${subject.name} is stopped${NOT_IMPORTED}.`
      : `${subject.name} waits for I/O for ${formatNs(index.until - last.time)}: its pool is suspended.`,
    ...toldAll(index, chains),
    now: [...poolNow(index, pool), ...fmdNow(index, subject.node, chain, chain.at(-1)?.time ?? 0)],
  };
}

/** A node that is multi-user without one of its pools. */
function whyPart(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  const pool = missingPoolOf(index, subject.address);
  const said = outOfService(index, pool);
  if (said === undefined) return undefined;
  const chains = poolChains(index, said);
  return {
    ...empty(index, subject, 'degraded'),
    headline: `${subject.name} is up, but without its ${partName(pool)}, which could not be imported.`,
    ...toldAll(index, chains),
    now: fmdNow(index, subject.node, chains[0] ?? [], said.time),
  };
}

/** Calls that are followed to where requests fail or stall. */
const CALLS_MAX = 4;

/** Requests end in errors, time out, or do not end: where they do, and why there. */
function whyErrors(index: FactIndex, subject: Subject, calls = 0): WhyAnswer | undefined {
  const seen = calls > CALLS_MAX ? undefined : findErrors(index, subject);
  if (seen === undefined) return undefined;
  const { culprit } = seen;
  const symptom: Step = { time: seen.fact.time, text: seen.text, fact: refOf(seen.fact), depth: 0 };
  const answer = empty(index, subject, seen.stalled ? 'unreachable' : 'errors');
  const deeper =
    culprit === undefined
      ? undefined
      : (whyDown(index, culprit) ??
        whySilent(index, culprit) ??
        whyBlocked(index, culprit) ??
        whyErrors(index, culprit, calls + 1));
  if (culprit === undefined) return { ...answer, ...ownErrors(index, subject, seen, symptom) };
  const does = deeper?.verdict === 'errors' ? 'fails as well' : 'does not answer';
  return {
    ...answer,
    headline: `${subject.name} ${seen.headline}: it ${seen.calls} ${culprit.name}, which ${does}.`,
    steps: [symptom, ...deepened(deeper?.steps)],
    root: deeper?.root,
    injection: deeper?.injection,
    now: deeper?.now ?? [],
  };
}

function deepened(steps: readonly Step[] = []): Step[] {
  return steps.map((step) => ({ ...step, depth: step.depth + 1 }));
}

/** Errors of its own: a limit, what is known to make errors, or what makes it slow. */
function ownErrors(
  index: FactIndex,
  subject: Subject,
  seen: ErrorsSeen,
  symptom: Step,
): Pick<WhyAnswer, 'headline' | 'steps' | 'root' | 'injection' | 'now'> {
  const headline = `${subject.name} ${seen.headline}.`;
  const { fact } = symptom;
  const part = subject.address;
  const text = seen.own?.text ?? seen.text;
  const limit: Root = { kind: seen.own === undefined ? 'unknown' : 'cap', part, text, fact };
  const only = { headline, steps: [symptom], root: limit, injection: undefined, now: [] };
  if (seen.own !== undefined && !seen.own.bySlowness) return only;
  const chain = seen.because === undefined || seen.own !== undefined ? [] : causesOf(index, seen.because);
  if (chain.length > 0) {
    const reason = told(index, chain, 1);
    return { headline, ...reason, steps: [symptom, ...reason.steps], now: [] };
  }
  const slowness = whySlow(index, subject);
  if (slowness === undefined) return only;
  const { steps, root, injection, now } = slowness;
  return { headline, steps: [symptom, ...deepened(steps)], root: root ?? limit, injection, now };
}

function whySlow(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  if (!['vm', 'client', 'node', 'pool'].includes(subject.kind)) return undefined;
  const answer = slow(index, subject);
  const largest = answer.growths[0];
  if (answer.verdict !== 'slow' || largest === undefined) return undefined;
  const first = largest.because[0];
  const symptom: Step = {
    time: first?.time ?? index.until,
    text: `+${formatNs(Math.round(largest.ns))} a request: ${largest.text}`,
    fact: first?.fact ?? largest.root.fact,
    depth: 0,
  };
  const fault = answer.root?.kind === 'load' ? ' No fault: load.' : '';
  const means = `mean ${formatNs(Math.round(answer.nowNs))}, was ${formatNs(Math.round(answer.baselineNs))}`;
  const own = subject.kind === 'vm' || subject.kind === 'client';
  const end = index.named(largest.because.at(-1)?.fact ?? '');
  return {
    ...empty(index, subject, 'slow'),
    headline: own
      ? `${subject.name} answers, but slowly: ${means}.${fault}`
      : `${subject.name} is up, but slow: ${answer.headline.slice(subject.name.length + 2)}${fault}`,
    steps: [symptom, ...largest.because.map((step) => ({ ...step, depth: step.depth + 1 }))],
    root: answer.root,
    injection: end === undefined ? undefined : injectionOf(index, [end]),
    now: answer.outlook.map((line) => line.replace(/\.$/, '')),
  };
}

/** A node that runs, and of which fmd says that a part is bad. */
function whyCase(index: FactIndex, subject: Subject): WhyAnswer | undefined {
  if (subject.kind !== 'node' || outagesOf(historyOf(index, subject)).length > 0) return undefined;
  const listed = openSuspects(index, subject.node).at(-1);
  if (listed === undefined) return undefined;
  const chain = causesOf(index, listed);
  return {
    ...empty(index, subject, 'up'),
    headline: `${subject.name} is up, and ${partName(partOf(listed))} is bad.`,
    ...told(index, chain),
  };
}

function whyUp(index: FactIndex, subject: Subject): WhyAnswer {
  const past = outagesOf(historyOf(index, subject)).findLast(({ end }) => end !== undefined);
  const answer = empty(index, subject, 'up');
  const state = subject.kind === 'vm' ? vmStateOf(index, subject) : 'up';
  if (past === undefined || past.end === undefined) {
    const since = subject.kind === 'vm' && nodeState(index, subject.node) !== 'running' ? 'stopped' : state;
    return {
      ...answer,
      headline: `${subject.name} is ${since}, and nothing happened to it up to ${formatTime(index.until)}.`,
    };
  }
  const to = past.end.fact.time;
  const chain = causesOf(index, beginOf(index, subject, past));
  const from = begunAt(chain, past.first.fact);
  return {
    ...answer,
    headline: `${subject.name} is ${state} since ${formatTime(to)}. Before, it was ${past.last.state === past.first.state && from === past.first.fact.time ? past.first.state : 'down'} for ${formatNs(to - from)} (from ${formatTime(from)}).`,
    ...told(index, chain),
    now: subject.node === '' ? [] : fmdNow(index, subject.node, chain, chain.at(-1)?.time ?? from),
  };
}

function empty(index: FactIndex, subject: Subject, verdict: Verdict): WhyAnswer {
  return {
    question: 'why',
    subject,
    at: index.until,
    verdict,
    headline: '',
    steps: [],
    root: undefined,
    injection: undefined,
    now: [],
  };
}

function told(
  index: FactIndex,
  chain: readonly Fact[],
  depth = 0,
): Pick<WhyAnswer, 'steps' | 'root' | 'injection'> {
  return { steps: stepsOf(chain, depth), root: rootOf(chain), injection: injectionOf(index, chain) };
}

/** Chains that begin with one fact, which is told once. The root is the first one's. */
function toldAll(index: FactIndex, chains: readonly (readonly Fact[])[]): ReturnType<typeof told> {
  const [first = [], ...others] = chains;
  const answer = told(index, first);
  return { ...answer, steps: [...answer.steps, ...others.flatMap((chain) => stepsOf(chain.slice(1), 1))] };
}
