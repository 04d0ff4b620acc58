/** Why a subject that others wait for does not answer: the chain of its own outage, its node's, its pool's or its way's. */
import { causesOf, outageBegin } from './causes.ts';
import type { Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { endedByNode, nodeChanges, nodeState, poolOf, presentOutage } from './history.ts';
import { isMissing, outOfService, poolChains } from './pool-causes.ts';
import { cutOffBy } from './reach.ts';
import type { Subject } from './subject.ts';

/** Empty when it is well. */
export function downChain(index: FactIndex, subject: Subject): Fact[] {
  const outage = presentOutage(index, subject);
  const missing = missingPool(index, subject);
  if (missing !== undefined) return poolChains(index, missing)[0] ?? [];
  if (outage !== undefined) return causesOf(index, outage.first.fact);
  if (subject.node === '') return [];
  if (nodeState(index, subject.node) !== 'running') return nodeDownChain(index, subject.node);
  const cut = cutOffBy(index, subject.node, subject.vm?.spec);
  if (cut !== undefined) return causesOf(index, cut);
  const pool = outOfService(index, poolOf(index, subject));
  return pool === undefined ? [] : (poolChains(index, pool)[0] ?? []);
}

/** What the pool of a VM said that its node booted without: the VM would run, had it not been for that. */
export function missingPool(index: FactIndex, subject: Subject): Fact | undefined {
  const pool = poolOf(index, subject);
  if (subject.kind !== 'vm' || !isMissing(index, pool)) return undefined;
  const said = outOfService(index, pool);
  const node = nodeChanges(index, subject.node).at(-1);
  const tried = node?.state === 'booting' && (said?.time ?? 0) >= node.fact.time;
  if (!tried && nodeState(index, subject.node) !== 'running') return undefined;
  const outage = presentOutage(index, subject);
  const boots = outage === undefined ? subject.vm?.spec?.autoboot === true : endedByNode(outage);
  return boots ? said : undefined;
}

/** From the change that took the node out of multi-user. */
export function nodeDownChain(index: FactIndex, node: string): Fact[] {
  const last = nodeChanges(index, node).at(-1);
  return last === undefined ? [] : causesOf(index, outageBegin(index, last.fact as Fact<'nodeStateChanged'>));
}

/** How a node came to boot last: its multi-user, then the causes of the outage before. */
export function bootChain(index: FactIndex, node: string): Fact[] {
  const changes = nodeChanges(index, node);
  const at = changes.findLastIndex(({ well }) => well);
  const boot = changes[at];
  if (boot === undefined) return [];
  const before = changes[at - 1];
  if (before === undefined || before.well) return [boot.fact];
  return [boot.fact, ...causesOf(index, outageBegin(index, before.fact as Fact<'nodeStateChanged'>))];
}
