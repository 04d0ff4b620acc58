/**
 * A run's shards: whole localities of one service, numbered by the specification alone, so that every process of a run
 * numbers them alike, whoever runs them.
 */
import type { Placement } from '@orrery/actor';
import type { Member } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { placeAll, services } from '../services.ts';

/** Services that several replicas may share, and into how many shards each is cut. */
const CUT_INTO: Readonly<Record<string, number>> = { 'compute-node': 4, storage: 4, fma: 4 };

/** Whether several replicas may share a service. */
export function scalable(service: string): boolean {
  return CUT_INTO[service] !== undefined;
}

/** How many replicas of a service are wanted, by its name; one of each that is not named. */
export type ReplicaCounts = Readonly<Record<string, number>>;

export interface ShardPlan {
  /** The service of each shard. */
  readonly services: readonly string[];
  shardOf(locality: string): number;
  isLoose(shard: number): boolean;
}

/** Shards of a datacenter whose actors are placed so. */
export function planShards(placements: readonly Placement[]): ShardPlan {
  const owners = new Map<string, string>();
  for (const { name, kinds } of services) for (const kind of kinds) owners.set(kind.name, name);
  const serviceOf = new Map<string, string>();
  for (const { locality, kind } of placements) serviceOf.set(locality, owners.get(kind) ?? '');
  const localities = [...serviceOf.keys()].sort();
  const shards = new Map<string, number>();
  const plan: string[] = [];
  for (const { name } of services) {
    const first = plan.length;
    const count = CUT_INTO[name] ?? 1;
    for (let i = 0; i < count; i++) plan.push(name);
    const own = localities.filter((locality) => serviceOf.get(locality) === name);
    for (const [at, locality] of own.entries()) shards.set(locality, first + (at % count));
  }
  shards.set('outside', plan.indexOf('headnode'));
  const loose = plan.map((name) => services.find((service) => service.name === name)?.loose === true);
  return {
    services: plan,
    shardOf: (locality) => {
      const shard = shards.get(locality);
      if (shard === undefined) throw new RangeError(`locality ${locality} is of no shard`);
      return shard;
    },
    isLoose: (shard) => loose[shard],
  };
}

/** The first epoch: who runs which shards. @throws RangeError when a service cannot have so many replicas */
export function assignShards(plan: ShardPlan, counts: ReplicaCounts): Member[] {
  for (const name of Object.keys(counts))
    if (!plan.services.includes(name)) throw new RangeError(`no service is named ${name}`);
  return [...new Set(plan.services)].flatMap((name) => {
    const shards = [...plan.services.keys()].filter((shard) => plan.services[shard] === name);
    const count = counts[name] ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > shards.length)
      throw new RangeError(`${name}: expected 1 to ${shards.length} replicas, found ${count}`);
    return Array.from({ length: count }, (_, at) => ({
      replica: count === 1 && shards.length === 1 ? name : `${name}-${at}`,
      loose: plan.isLoose(shards[0]),
      shards: shards.filter((_shard, index) => index % count === at),
    }));
  });
}

export interface NamedReplica {
  replica: string;
  service: string;
}

/** Each replica's name and service, as the first epoch has them. @throws RangeError on replicas that cannot be */
export function replicasOf({ datacenter }: Scenario, counts: ReplicaCounts): NamedReplica[] {
  const plan = planShards(placeAll(datacenter));
  return assignShards(plan, counts).map(({ replica, shards }) => ({
    replica,
    service: plan.services[shards[0]],
  }));
}
