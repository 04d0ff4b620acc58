/** Facts and commands of a run in parts, put together again while it goes on: what a log and its readers take. */
import type { HostFact } from '@orrery/actor';
import { mergeFacts, newFactMerge, type MergedWindow } from '@orrery/bus';
import { combineDigests, foldFact, newHash, type Hash64 } from '@orrery/log';
import type { CommandRecord, FactBatch } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { addressesOf } from '../answers/index.ts';
import { hostFactOf } from '../host-fact.ts';
import { placeAll } from '../services.ts';
import { logged } from './recorder.ts';
import { planShards } from './shards.ts';

export interface Gatherer {
  /** Takes a batch as it is stored; hears nothing twice. @throws RangeError when a fact is missing */
  add(batch: FactBatch): void;
  /** Everything before it is told, ns. */
  readonly upTo: number;
  /** 16 hex digits over what was told, as of one process. */
  digest(): string;
}

export interface GathererOptions {
  scenario: Scenario;
  /** Goes on at this boundary, ns, after these facts. */
  from?: number;
  past?: Iterable<HostFact>;
  onFact: (fact: HostFact) => void;
  onCommand?: (command: CommandRecord) => void;
  /** Hears that a control window is whole; its facts and commands were told. */
  onWindow?: (window: MergedWindow) => void;
}

export function gatherer(options: GathererOptions): Gatherer {
  const { scenario, onFact, onCommand, onWindow } = options;
  const merge = newFactMerge(planShards(placeAll(scenario.datacenter)).services.length, options.from);
  const addresses = addressesOf(scenario.datacenter);
  const table = new Map<number, Hash64>();
  const counts = new Map<number, number>();
  const count = (fact: Pick<HostFact, 'actor' | 'n' | 'record'>): void => {
    const n = (counts.get(fact.actor) ?? 0) + 1;
    if (fact.n !== n) throw new RangeError(`fact ${n} of actor ${fact.actor} is missing`);
    counts.set(fact.actor, n);
    let hash = table.get(fact.actor);
    if (hash === undefined) table.set(fact.actor, (hash = newHash()));
    foldFact(hash, fact.record);
  };
  for (const fact of options.past ?? []) {
    count(fact);
    hostFactOf(fact.record, addresses);
  }
  return {
    add: (batch) => {
      for (const window of mergeFacts(merge, batch)) {
        for (const { command, own } of window.commands)
          if (command !== undefined) onCommand?.(logged(command, own));
        for (const record of window.facts) {
          const fact = hostFactOf(record, addresses);
          count(fact);
          onFact(fact);
        }
        onWindow?.(window);
      }
    },
    get upTo() {
      return merge.next;
    },
    digest: () => combineDigests(table),
  };
}
