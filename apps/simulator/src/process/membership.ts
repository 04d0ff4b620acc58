/**
 * Membership says which replica is to run which shards from the next boundary on; it does not say who runs them now.
 *
 * Why.       Replicas come and go while a run goes on; a shard's state is with its owner, and moves only by its owner's hand.
 * Rules.     1. At first everybody waits until each service has as many replicas as are wanted.
 *            2. Whoever came later gets shards of its service, once it has stayed a moment.
 *            3. Whoever drains gives its shards up, unless nobody of its service is left to take them.
 *            4. Whoever is gone without a word keeps its shards: it comes back, and the others wait for it.
 *            5. Shares of those present differ by one shard at most, and no more shards move than that takes.
 */
import type { Member } from '@orrery/proto';
import type { ReplicaCounts, ShardPlan } from '../parts/shards.ts';
import type { HeardLease } from './lease-table.ts';

/** A replica that came later has stayed so long before it gets shards, ms: several that come at once make one epoch. */
const SETTLED_MS = 2000;

export interface Present {
  readonly plan: ShardPlan;
  /** Replicas that are waited for at first, by service; one of each that is not named. */
  readonly counts: ReplicaCounts;
  /** Of the present epoch; none: the run has not begun. */
  readonly members: readonly Member[];
  /** Who is there. */
  readonly leases: readonly HeardLease[];
}

/** The members of a new epoch; undefined: none is to begin. */
export function membersWanted(present: Present): Member[] | undefined {
  const { plan, members } = present;
  if (waitedFor(present).length > 0) return undefined;
  const wanted = [...new Set(plan.services)].flatMap((service) => shareOut(present, service));
  return sameMembers(wanted, members) ? undefined : wanted;
}

/** Services whose replicas are not all there before the run begins, each as `storage 1 of 2`. */
export function waitedFor({ plan, counts, members, leases }: Present): string[] {
  if (members.length > 0) return [];
  return [...new Set(plan.services)].flatMap((service) => {
    const there = leases.filter((lease) => lease.service === service && !lease.draining).length;
    const count = counts[service] ?? 1;
    return there < count ? [`${service} ${there} of ${count}`] : [];
  });
}

function shareOut({ plan, members, leases }: Present, service: string): Member[] {
  const shards = [...plan.services.keys()].filter((shard) => plan.services[shard] === service);
  const owners = members.filter((member) => plan.services[member.shards[0]] === service);
  const takers = takersOf(service, owners, leases, members.length === 0);
  const present = new Set(leases.map(({ replica }) => replica));
  const kept = new Map<string, number[]>();
  for (const { replica, shards: own } of owners)
    if (takers.length === 0 || !present.has(replica)) kept.set(replica, [...own]);
  const taken = new Set([...kept.values()].flat());
  const shares = sharesOf(
    shards.filter((shard) => !taken.has(shard)),
    takers.map((replica) => ({
      replica,
      own: owners.find((owner) => owner.replica === replica)?.shards ?? [],
    })),
  );
  return [...kept, ...shares]
    .filter(([, own]) => own.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([replica, own]) => ({
      replica,
      loose: plan.isLoose(shards[0]),
      shards: [...own].sort((a, b) => a - b),
    }));
}

/** Names of those that may have shards of a service, in order. */
function takersOf(
  service: string,
  owners: readonly Member[],
  leases: readonly HeardLease[],
  atFirst: boolean,
): string[] {
  return leases
    .filter((lease) => lease.service === service && !lease.draining)
    .filter(
      ({ replica, ageMs }) =>
        atFirst || ageMs >= SETTLED_MS || owners.some((owner) => owner.replica === replica),
    )
    .map(({ replica }) => replica)
    .sort();
}

/** Shares among takers: the largest to those that have most now, the rest of the shards to whoever is short. */
function sharesOf(
  shards: readonly number[],
  takers: readonly { replica: string; own: readonly number[] }[],
): Map<string, number[]> {
  const order = [...takers].sort((a, b) => b.own.length - a.own.length || (a.replica < b.replica ? -1 : 1));
  const left = new Set(shards);
  const shares = new Map<string, number[]>();
  const sizes = order.map(
    (_, at) => Math.floor(shards.length / order.length) + (at < shards.length % order.length ? 1 : 0),
  );
  for (const [at, { replica, own }] of order.entries()) {
    const kept = own.filter((shard) => left.has(shard)).slice(0, sizes[at]);
    for (const shard of kept) left.delete(shard);
    shares.set(replica, kept);
  }
  const rest = [...left];
  for (const [at, { replica }] of order.entries()) {
    const share = shares.get(replica) as number[];
    share.push(...rest.splice(0, sizes[at] - share.length));
  }
  return shares;
}

function sameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  const named = (members: readonly Member[]): string =>
    members
      .map(({ replica, shards }) => `${replica}=${[...shards].sort((x, y) => x - y).join('.')}`)
      .sort()
      .join(' ');
  return named(a) === named(b);
}
