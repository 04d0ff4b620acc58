/** A part of a run: what one replica's process runs of it. */
import { WindowedHost } from '@orrery/actor';
import type { Scenario } from '@orrery/spec';
import { routeRecord } from '../commands.ts';
import { placeAll, services } from '../services.ts';
import { planShards, type ShardPlan } from './shards.ts';

export interface PartOptions {
  scenario: Scenario;
  seed: number;
  /** Bytes of plain data and back. */
  encode: (value: unknown) => Uint8Array;
  decode: (bytes: Uint8Array) => unknown;
  /** Whether the tracer is told of it. */
  traced?: boolean;
}

/** Shards of a replica, none yet. */
export function createPart(options: PartOptions): { simulation: WindowedHost; plan: ShardPlan } {
  const { scenario, seed, encode, decode, traced } = options;
  const { lookaheadNs, controlWindowNs } = scenario.datacenter;
  const placements = placeAll(scenario.datacenter);
  const plan = planShards(placements);
  const simulation: WindowedHost = new WindowedHost({
    seed,
    services,
    placements,
    rules: { lookaheadNs, controlWindowNs },
    keepFacts: false,
    shardOf: plan.shardOf,
    isLoose: plan.isLoose,
    acceptedOf: (command) => routeRecord(simulation.host, command).accepted,
    encode,
    decode,
    traced,
  });
  return { simulation, plan };
}
