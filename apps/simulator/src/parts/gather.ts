/** What the replicas of a run said, put together again while it goes on: facts, commands, the digest. */
import type { HostFact } from '@orrery/actor';
import { mergeFacts, newFactMerge, type MergedWindow } from '@orrery/bus';
import { combineDigests, foldFact, newHash, type Hash64 } from '@orrery/log';
import type { CommandRecord, FactBatch, FactRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { addressesOf } from '../answers/index.ts';
import { hostFactOf } from '../host-fact.ts';
import { placeAll } from '../services.ts';
import { logged } from './recorder.ts';
import { planShards } from './shards.ts';

export interface Gatherer {
  /** Takes a batch as it is stored; tells nothing twice. @throws RangeError when a fact is missing */
  add(batch: FactBatch): void;
  /** Everything before it is told, ns. */
  readonly upTo: number;
  /** Told so far. */
  readonly facts: number;
  /** Delivered up to there, by all replicas; of a run that was gone on with, since then. */
  readonly events: number;
  /** 16 hex digits over what was told, as of one process. */
  digest(): string;
}

/** What a log already has of the run. */
export interface Past {
  upTo: number;
  facts: Iterable<FactRecord>;
  /** Number of its last command. */
  commandLast: number;
}

export interface GathererOptions {
  scenario: Scenario;
  past?: Past;
  onFact?: (fact: HostFact) => void;
  onCommand?: (command: CommandRecord) => void;
  /** Hears of each control window, in order, with what is new in it. */
  onWindow?: (window: MergedWindow) => void;
}

export function gatherer(options: GathererOptions): Gatherer {
  const { scenario, past, onFact, onCommand, onWindow } = options;
  const { commandLast = 0, upTo = 0 } = past ?? {};
  const merge = newFactMerge(planShards(placeAll(scenario.datacenter)).services.length, upTo);
  const addresses = addressesOf(scenario.datacenter);
  const table = new Map<number, Hash64>();
  const counts = new Map<number, number>();
  const totals = { facts: 0, events: 0 };
  /** @returns whether it is new */
  const take = (record: FactRecord): boolean => {
    const n = (counts.get(record.actor) ?? 0) + 1;
    if (record.n < n) return false;
    if (record.n > n) throw new RangeError(`fact ${n} of actor ${record.actor} is missing`);
    counts.set(record.actor, n);
    totals.facts++;
    let hash = table.get(record.actor);
    if (hash === undefined) table.set(record.actor, (hash = newHash()));
    foldFact(hash, record);
    return true;
  };
  for (const record of past?.facts ?? []) {
    take(record);
    hostFactOf(record, addresses);
  }
  const tell = (window: MergedWindow): void => {
    const commands = window.commands.filter(({ command }) => (command?.n ?? 0) > commandLast);
    const facts = window.facts.filter(take);
    totals.events += window.events;
    for (const { command, own } of commands) if (command !== undefined) onCommand?.(logged(command, own));
    if (onFact !== undefined) for (const record of facts) onFact(hostFactOf(record, addresses));
    onWindow?.({ ...window, commands, facts });
  };
  return {
    add: (batch) => {
      for (const window of mergeFacts(merge, batch)) tell(window);
    },
    get upTo() {
      return merge.next;
    },
    get facts() {
      return totals.facts;
    },
    get events() {
      return totals.events;
    },
    digest: () => combineDigests(table),
  };
}
