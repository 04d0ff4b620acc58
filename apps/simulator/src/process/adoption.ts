/**
 * Adoption gives a process without shards the name of a replica that is gone: only under it can its shards be gone on with.
 *
 * Why.   A container that is made anew has another host name; everybody would wait for the old one for ever.
 * Rules. 1. Only who was given no name of its own adopts one.
 *        2. A replica that was killed comes back within seconds: only one that stays away is adopted.
 */
import type { HeardLease } from './lease-table.ts';

/** Gone for so long, a replica is not expected back under its own host name, ms. */
const AWAY_MS = 10_000;

export class Adoption {
  private readonly service: string;
  private readonly replica: string;
  private readonly awaySince = new Map<string, number>();

  constructor(service: string, replica: string) {
    this.service = service;
    this.replica = replica;
  }

  /**
   * Names that may be adopted now; none while it has shards of its own, or the headnode is not there to say who has.
   * @param serviceOf a shard's service @param nowMs of any clock that only goes forward
   */
  candidates(leases: readonly HeardLease[], serviceOf: (shard: number) => string, nowMs: number): string[] {
    const { service, replica, awaySince } = this;
    const members = leases.find((lease) => lease.service === 'headnode')?.members ?? [];
    const present = new Set(leases.map((lease) => lease.replica));
    const away = members
      .filter(({ shards }) => shards.some((shard) => serviceOf(shard) === service))
      .map((member) => member.replica)
      .filter((name) => !present.has(name));
    for (const name of awaySince.keys()) if (!away.includes(name)) awaySince.delete(name);
    for (const name of away) if (!awaySince.has(name)) awaySince.set(name, nowMs);
    if (members.some((member) => member.replica === replica)) return [];
    return away.filter((name) => nowMs - (awaySince.get(name) ?? nowMs) >= AWAY_MS).sort();
  }
}
