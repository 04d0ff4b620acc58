/** Why a node has no power: each of its supplies that does not work, one chain each, the one that failed last first. */
import { causesOf } from './causes.ts';
import { isKind, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';

/** @param chain from what is seen to the supply that failed last; alone when no supply is in it */
export function powerChains(index: FactIndex, chain: readonly Fact[]): Fact[][] {
  const at = chain.findIndex((fact) => isKind(fact, 'psuStateChanged'));
  const failed = chain[at];
  if (failed === undefined) return [[...chain]];
  const last = new Map<string, Fact<'psuStateChanged'>>();
  for (const fact of index.of(failed.address, 'psuStateChanged'))
    if (fact.n < failed.n) last.set(fact.payload.psu, fact);
  const others = [...last.values()].filter(({ payload }) => !payload.ok && payload.psu !== psuOf(failed));
  const before = chain.slice(0, at);
  return [[...chain], ...others.reverse().map((fact) => [...before, ...causesOf(index, fact)])];
}

function psuOf(fact: Fact): string {
  return isKind(fact, 'psuStateChanged') ? fact.payload.psu : '';
}
