/** Why the way of a request grew: a link that loses, one that is full, or one who is asked and does not answer. */
import { causesOf, rootOf, stepsOf } from '../causes.ts';
import { downChain } from '../down.ts';
import { culpritOf } from '../errors-seen.ts';
import { isKind, type Fact } from '../fact.ts';
import { partName } from '../part-name.ts';
import { factStep, servedStep, type Reason, type SlowContext } from './context.ts';
import { isLoaded, load } from './load.ts';

/** A link this full makes others wait, of a million. */
const FULL_PPM = 800_000;

/** Packets that had to be sent again: by the last link that said it loses, or that went down. */
export function lossyLink(context: SlowContext): Reason | undefined {
  const { index } = context;
  const loss = lossNow(context);
  const down = index.last(
    'linkStateChanged',
    (fact) => !fact.payload.up && fact.time >= context.nowFrom - 60e9,
  );
  const fact: Fact | undefined = loss ?? down;
  if (fact === undefined) return undefined;
  const chain = causesOf(index, fact);
  const root = rootOf(chain);
  if (root === undefined) return undefined;
  const what = isKind(fact, 'linkLossChanged') ? 'loses packets' : 'went down';
  return {
    detail: `${partName(fact.address)} ${what}`,
    because: stepsOf(chain),
    root: { ...root, kind: 'link' },
  };
}

/** The link that loses most now; those of the subject's own node first. */
function lossNow({ index, subject }: SlowContext): Fact<'linkLossChanged'> | undefined {
  const last = new Map<string, Fact<'linkLossChanged'>>();
  for (const fact of index.ofKind('linkLossChanged')) last.set(fact.address, fact);
  const losing = [...last.values()].filter((fact) => fact.payload.lossPerMillion > 0);
  const own = losing.filter((fact) => subject.node !== '' && fact.address.startsWith(`${subject.node}/`));
  return (own.length > 0 ? own : losing).sort(
    (a, b) => b.payload.lossPerMillion - a.payload.lossPerMillion,
  )[0];
}

export function fullLink(context: SlowContext): Reason | undefined {
  const { index, subject } = context;
  const last = new Map<string, Fact<'linkServed'>>();
  for (const fact of index.ofKind('linkServed')) last.set(fact.payload.link, fact);
  const full = [...last.values()]
    .filter((fact) => fact.payload.utilizationPpm >= FULL_PPM)
    .sort((a, b) => b.payload.utilizationPpm - a.payload.utilizationPpm);
  const own = full.find((fact) => fact.payload.link.startsWith(`${subject.node}/`)) ?? full[0];
  if (own === undefined) return isLoaded(context) ? load(context, 'its own traffic') : undefined;
  const { link, utilizationPpm } = own.payload;
  const text = `${partName(link)}${subject.node === '' ? '' : ` (${link})`} carries ${Math.round(utilizationPpm / 10_000)} % of its rate`;
  const step = factStep(own, text, 0);
  return {
    detail: 'a link is full',
    because: [step],
    root: { kind: 'link', part: link, text, fact: step.fact },
  };
}

export function bandwidthCap(context: SlowContext): Reason {
  const step = servedStep(context, `${context.subject.name} sends as much as its maxbw lets it`);
  const root = { kind: 'cap' as const, part: context.subject.address, text: step.text, fact: step.fact };
  return { detail: 'at its maxbw', because: [step], root };
}

/** Who is asked does not answer. */
export function unanswered(context: SlowContext): Reason | undefined {
  const { index, subject } = context;
  const culprit = culpritOf(index, subject);
  const chain = culprit === undefined ? [] : downChain(index, culprit);
  const root = rootOf(chain);
  if (culprit === undefined || root === undefined) return lossyLink(context);
  return {
    detail: `${culprit.name} does not answer`,
    because: stepsOf(chain),
    root: { ...root, kind: 'down' },
  };
}
