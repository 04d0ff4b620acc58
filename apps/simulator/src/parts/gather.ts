/**
 * Facts of a run in parts, put together again: each once, in one order, whoever said them.
 *
 * Rules. 1. A shard's facts come in the order in which it reported them; shards are merged by time, and those of one moment by
 *           the actor that began what led to them.
 *        2. A fact that is missing between two of its actor is a failure of the run, never passed over.
 */
import type { HostFact } from '@orrery/actor';
import { ACTOR_SPAN } from '@orrery/kernel';
import { combineDigests, foldFact, newHash, type Hash64 } from '@orrery/log';
import type { FactBatch, FactRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { addressesOf } from '../answers/index.ts';
import { hostFactOf } from '../host-fact.ts';
import { placeAll } from '../services.ts';
import { planShards } from './shards.ts';

export interface Gathered {
  facts: HostFact[];
  /** 16 hex digits, as of one process. */
  digest: string;
}

interface Said {
  record: FactRecord;
  shard: number;
  at: number;
}

/** @throws RangeError when a fact is missing */
export async function gatherFacts(
  scenario: Scenario,
  batches: AsyncIterable<FactBatch> | Iterable<FactBatch>,
): Promise<Gathered> {
  const said = inOrder(await eachOnce(scenario, batches));
  const addresses = addressesOf(scenario.datacenter);
  const table = new Map<number, Hash64>();
  const counts = new Map<number, number>();
  const facts = said.map(({ record }) => {
    const n = (counts.get(record.actor) ?? 0) + 1;
    if (record.n !== n) throw new RangeError(`fact ${n} of actor ${record.actor} is missing`);
    counts.set(record.actor, n);
    let hash = table.get(record.actor);
    if (hash === undefined) table.set(record.actor, (hash = newHash()));
    foldFact(hash, record);
    return hostFactOf(record, addresses);
  });
  return { facts, digest: combineDigests(table) };
}

async function eachOnce(
  scenario: Scenario,
  batches: AsyncIterable<FactBatch> | Iterable<FactBatch>,
): Promise<Said[]> {
  const placements = placeAll(scenario.datacenter).sort((a, b) => (a.address < b.address ? -1 : 1));
  const { shardOf } = planShards(placements);
  const shards = [-1, ...placements.map(({ locality }) => shardOf(locality))];
  const known = new Map<number, Set<number>>();
  const said: Said[] = [];
  for await (const { facts } of batches)
    for (const [at, record] of facts.entries()) {
      let numbers = known.get(record.actor);
      if (numbers === undefined) known.set(record.actor, (numbers = new Set()));
      if (numbers.has(record.n)) continue;
      numbers.add(record.n);
      said.push({ record, shard: shards[Math.floor(record.actor / ACTOR_SPAN)], at });
    }
  return said;
}

/** Facts of one moment do not tell the order of their events: of different shards, any order would be true. */
function inOrder(said: Said[]): Said[] {
  said.sort((a, b) => a.record.time - b.record.time || a.shard - b.shard || a.at - b.at);
  const ordered: Said[] = [];
  for (let from = 0, to = 0; from < said.length; from = to) {
    const { time } = said[from].record;
    while (to < said.length && said[to].record.time === time) to++;
    if (to - from === 1) ordered.push(said[from]);
    else mergeMoment(said.slice(from, to), ordered);
  }
  return ordered;
}

/** @param moment facts of one time, by shard */
function mergeMoment(moment: readonly Said[], ordered: Said[]): void {
  const byName = new Map(moment.map(({ record }) => [`${record.actor}:${record.n}`, record]));
  const beganBy = ({ actor, n, cause }: FactRecord): number => {
    const before = cause && byName.get(`${cause.actor}:${cause.n}`);
    return before === undefined || (before.actor === actor && before.n >= n) ? actor : beganBy(before);
  };
  const lanes = new Map<number, Said[]>();
  for (const one of moment) {
    const lane = lanes.get(one.shard);
    if (lane === undefined) lanes.set(one.shard, [one]);
    else lane.push(one);
  }
  const heads = [...lanes.values()].map((lane) => ({ lane, at: 0, key: beganBy(lane[0].record) }));
  for (let left = moment.length; left > 0; left--) {
    let next = heads[0];
    for (const head of heads) if (head.key < next.key) next = head;
    ordered.push(next.lane[next.at++]);
    next.key = next.at < next.lane.length ? beganBy(next.lane[next.at].record) : Infinity;
  }
}
