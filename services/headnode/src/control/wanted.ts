/** What a follower wants: kinds of fact and addresses, or globs over them. */
import { factNumbers, type FactKind, type FactRecord } from '@orrery/proto';
import { isGlob, matchesGlob, suggest } from '@orrery/spec';
import { invalid } from './errors.ts';
import type { Wanted } from './feed.ts';
import { kindOf } from './page.ts';

const kinds = Object.keys(factNumbers) as FactKind[];
const PATTERNS_MAX = 64;
const PATTERN_LENGTH_MAX = 256;

export interface Filter {
  types: readonly string[];
  actors: readonly string[];
  /** Facts of an earlier time are passed over, ns. */
  fromTime: number;
}

/** @throws ControlError on a kind of fact that does not exist, or too many patterns */
export function wantedOf({ types, actors, fromTime }: Filter, addressOf: (actor: number) => string): Wanted {
  check('types', types);
  check('actors', actors);
  for (const type of types) {
    if (!isGlob(type) && !kinds.includes(type as FactKind))
      throw invalid([{ field: 'types', description: `there is no fact ${type}: ${suggest(type, kinds)}` }]);
  }
  const kindsWanted = new Set<string>(kinds.filter((kind) => types.some((type) => matchesGlob(type, kind))));
  const actorsKnown = new Map<number, boolean>();
  const actorWanted = (actor: number): boolean => {
    let wanted = actorsKnown.get(actor);
    if (wanted === undefined) {
      const address = addressOf(actor);
      wanted = actors.some((pattern) => matchesGlob(pattern, address) || address.startsWith(`${pattern}/`));
      actorsKnown.set(actor, wanted);
    }
    return wanted;
  };
  return (fact: FactRecord) =>
    fact.time >= fromTime &&
    (types.length === 0 || kindsWanted.has(kindOf(fact))) &&
    (actors.length === 0 || actorWanted(fact.actor));
}

function check(field: string, patterns: readonly string[]): void {
  if (patterns.length <= PATTERNS_MAX && patterns.every(({ length }) => length <= PATTERN_LENGTH_MAX)) return;
  const description = `expected at most ${PATTERNS_MAX} patterns of ${PATTERN_LENGTH_MAX} characters`;
  throw invalid([{ field, description }]);
}
