/**
 * The chain of causes of a fact, from what is seen to what began it; it does not guess what a fact does not say.
 *
 * Rules. 1. A fact's cause is the one it names. The chain ends where it names none, or one that is not in the index.
 *        2. Facts that only repeat their cause in other words are passed over.
 *        3. The head node declares a server unknown because of silence, which names no cause: the cause is then what
 *           last became of the node, or of the way to it.
 *        4. A healed block names no cause either: it is the ereport of the disk that had it.
 *        5. Whatever ends a hang (an NMI, a reset) is not why the node was down: the hang is.
 *        6. The injection is never part of the chain: it is looked up at the end, and named apart.
 */
import type { Injection, Root, Step } from './answer.ts';
import { isKind, refOf, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { partOf, wordsOf } from './words.ts';

/** Longest chain that is followed: any real one has some ten links. */
const LENGTH_MAX = 100;

/** @returns the fact itself, its cause, and so on, without injections */
export function causesOf(index: FactIndex, fact: Fact): Fact[] {
  const facts = index.withoutInjections();
  const chain: Fact[] = [];
  let next: Fact | undefined = fact;
  while (next !== undefined && chain.length < LENGTH_MAX) {
    chain.push(next);
    next = hangBefore(facts, next) ?? facts.at(next.cause) ?? unsaidCause(facts, next);
  }
  return chain.filter((one, at) => !repeats(one, chain[at + 1]));
}

function unsaidCause(index: FactIndex, fact: Fact): Fact | undefined {
  if (isKind(fact, 'blockHealed')) return healedAfter(index, fact);
  if (!isKind(fact, 'serverStatusChanged') || fact.payload.status === 'running') return undefined;
  const { server, lastHeartbeat } = fact.payload;
  const before = (one: Fact) => one.time <= fact.time;
  const node = index.last('nodeStateChanged', (one) => one.address === server && before(one));
  if (node !== undefined && node.payload.state !== 'running') return outageBegin(index, node);
  return index.last(
    'pathsChanged',
    (one) => before(one) && one.time >= lastHeartbeat && one.payload.lost > 0,
  );
}

/** The hang that a node was in when it was made to panic, to start anew or to lose its power. */
function hangBefore(index: FactIndex, fact: Fact): Fact | undefined {
  if (!isKind(fact, 'nodeStateChanged') && !isKind(fact, 'nodePanicked')) return undefined;
  const before = index.of(fact.address, 'nodeStateChanged').findLast(({ n }) => n < fact.n);
  return before?.payload.state === 'hung' ? before : undefined;
}

/** A block is rewritten after the read that found it bad. */
function healedAfter(index: FactIndex, { address, n, payload }: Fact<'blockHealed'>): Fact | undefined {
  const disk = `/disk/${payload.disk}`;
  return index
    .of(address, 'ereportPosted')
    .findLast((one) => one.n < n && one.payload.detector.endsWith(disk));
}

/** The change that took a node out of multi-user, from any later change of the same outage. */
export function outageBegin(index: FactIndex, last: Fact<'nodeStateChanged'>): Fact<'nodeStateChanged'> {
  const changes = index.of(last.address, 'nodeStateChanged');
  let begin = last;
  for (let at = changes.indexOf(last); at >= 0; at--) {
    const change = changes[at] as Fact<'nodeStateChanged'>;
    if (change.payload.state === 'running') break;
    begin = change;
  }
  return begin;
}

function repeats(fact: Fact, cause: Fact | undefined): boolean {
  if (isKind(fact, 'nodeStateChanged'))
    return fact.payload.state === 'panicked' && isKind(cause, 'nodePanicked');
  if (isKind(fact, 'actorMade')) return true;
  if (isKind(fact, 'caseStateChanged')) return isKind(cause, 'suspectListed');
  if (isKind(fact, 'jobStepFinished')) return fact.payload.tookNs === 0 && cause !== undefined;
  if (isKind(fact, 'partRepaired')) return false;
  return isKind(fact, 'commandAccepted') && fact.payload.kind !== 'repair' && fact.payload.kind !== 'vm';
}

export function stepOf(fact: Fact, depth: number): Step {
  return { time: fact.time, text: wordsOf(fact), fact: refOf(fact), depth };
}

/** A chain as steps, the first at `depth`. */
export function stepsOf(chain: readonly Fact[], depth = 0): Step[] {
  return chain.map((fact, at) => stepOf(fact, depth + at));
}

/** Where a chain ends: something a person asked for, or the first thing that anything noticed. */
export function rootOf(chain: readonly Fact[]): Root | undefined {
  const end = chain.at(-1);
  if (end === undefined) return undefined;
  const asked = end.kind === 'commandAccepted' || end.kind === 'partRepaired';
  return { kind: asked ? 'person' : 'fault', part: partOf(end), text: wordsOf(end), fact: refOf(end) };
}

/** What was injected to begin the chain, when the index knows it. */
export function injectionOf(index: FactIndex, chain: readonly Fact[]): Injection | undefined {
  const end = chain.at(-1);
  const cause = end === undefined ? undefined : index.at(end.cause);
  if (!isKind(cause, 'faultInjected')) return undefined;
  const { faultId, kind, target, askedBy } = cause.payload;
  return { faultId, kind, target, askedBy, time: cause.time, text: wordsOf(cause), fact: refOf(cause) };
}
