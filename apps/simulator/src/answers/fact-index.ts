/**
 * The facts of a log up to a moment, by actor, by (actor, n) and by kind; it holds no opinion about them.
 *
 * Rules. 1. The moment is exclusive, as everywhere: a fact at `until` has not yet happened.
 *        2. Without injections, no fact says that something was injected or reverted: what is left is what the
 *           datacenter itself noticed, and reasoning must do with it.
 */
import { factNumbers, type FactKind, type FactRecord, type FactRef } from '@orrery/proto';
import type { Datacenter } from '@orrery/spec';
import { isKind, LoggedFact, type Fact } from './fact.ts';

export interface FactSource {
  readonly datacenter: Datacenter;
  /** Addresses of the specification's actors, by id. */
  readonly addresses: ReadonlyMap<number, string>;
  /** In the run's order. */
  readonly facts: Iterable<FactRecord>;
}

export interface IndexOptions {
  /** Facts from this time on (ns) are left out. Default: none are. */
  until?: number;
  /** Leaves out what only an omniscient reader could know. */
  withoutInjections?: boolean;
}

const kindOf = new Map(Object.entries(factNumbers).map(([name, number]) => [number, name as FactKind]));
const NONE: readonly Fact[] = [];

export class FactIndex {
  readonly datacenter: Datacenter;
  /** The moment asked about, ns. */
  readonly until: number;
  private readonly addresses: Map<number, string>;
  private readonly ids = new Map<string, number>();
  private readonly all: Fact[] = [];
  private readonly actors = new Map<number, Fact[]>();
  private readonly kinds = new Map<FactKind, Fact[]>();
  private withoutCache: FactIndex | undefined;

  constructor(datacenter: Datacenter, addresses: ReadonlyMap<number, string>, until: number) {
    this.datacenter = datacenter;
    this.until = until;
    this.addresses = new Map(addresses);
    for (const [id, address] of addresses) this.ids.set(address, id);
  }

  /** Reads facts up to `until`; without it, `until` is just after the last fact. */
  static read(source: FactSource, options: IndexOptions = {}): FactIndex {
    const until = options.until ?? Infinity;
    const addresses = new Map(source.addresses);
    const facts: Fact[] = [];
    let last = 0;
    for (const record of source.facts) {
      if (record.time >= until) break;
      last = record.time;
      const kind = kindOf.get(record.kind);
      if (kind === undefined) continue;
      const address = addresses.get(record.actor) ?? `actor ${record.actor}`;
      const fact = new LoggedFact(record, kind, address);
      if (isKind(fact, 'actorMade')) addresses.set(fact.payload.actor, fact.payload.address);
      facts.push(fact);
    }
    const index = new FactIndex(source.datacenter, addresses, options.until ?? last + 1);
    for (const fact of facts) index.add(fact);
    return options.withoutInjections === true ? index.withoutInjections() : index;
  }

  /** The same facts without those that name an injection or its end. */
  withoutInjections(): FactIndex {
    if (this.withoutCache !== undefined) return this.withoutCache;
    const index = new FactIndex(this.datacenter, this.addresses, this.until);
    for (const fact of this.all) if (!tells(fact)) index.add(fact);
    index.withoutCache = index;
    this.withoutCache = index;
    return index;
  }

  /** The fact of that reference, if it is there. */
  at(ref: FactRef): Fact | undefined {
    if (ref.n === 0) return undefined;
    const facts = this.actors.get(ref.actor);
    if (facts === undefined) return undefined;
    let low = 0;
    let high = facts.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const { n } = facts[middle] as Fact;
      if (n === ref.n) return facts[middle];
      if (n < ref.n) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** Facts of one kind, in order. */
  ofKind<K extends FactKind>(kind: K): readonly Fact<K>[] {
    return (this.kinds.get(kind) ?? NONE) as readonly Fact<K>[];
  }

  /** Facts of one actor and kind, in order. */
  of<K extends FactKind>(address: string, kind: K): readonly Fact<K>[] {
    const facts = this.actors.get(this.ids.get(address) ?? -1) ?? NONE;
    return facts.filter((fact): fact is Fact<K> => fact.kind === kind);
  }

  /** The last fact of one kind for which `test` holds. */
  last<K extends FactKind>(kind: K, test: (fact: Fact<K>) => boolean): Fact<K> | undefined {
    return this.ofKind(kind).findLast(test);
  }

  /** The fact that answers name so: `cn-0002#8121`. */
  named(ref: string): Fact | undefined {
    const mark = ref.lastIndexOf('#');
    const actor = this.ids.get(ref.slice(0, mark));
    return actor === undefined ? undefined : this.at({ actor, n: Number(ref.slice(mark + 1)) });
  }

  addressOf(actor: number): string {
    return this.addresses.get(actor) ?? `actor ${actor}`;
  }

  has(address: string): boolean {
    return this.ids.has(address);
  }

  private add(fact: Fact): void {
    this.all.push(fact);
    const actor = this.actors.get(fact.actor);
    if (actor === undefined) this.actors.set(fact.actor, [fact]);
    else actor.push(fact);
    const kind = this.kinds.get(fact.kind);
    if (kind === undefined) this.kinds.set(fact.kind, [fact]);
    else kind.push(fact);
  }
}

/** Whether a fact says that a fault was injected or reverted. */
function tells(fact: Fact): boolean {
  if (fact.kind === 'faultInjected' || fact.kind === 'faultReverted') return true;
  return (
    isKind(fact, 'commandAccepted') && (fact.payload.kind === 'inject' || fact.payload.kind === 'revert')
  );
}
