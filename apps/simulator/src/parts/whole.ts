/** The state of a run in parts, put together from what its shards saved at one boundary: that of one process at that moment. */
import type { ShardSnapshot } from '@orrery/actor';
import type { SimulationSnapshot } from '../simulation.ts';
import type { ClosingSaved } from './closing-part.ts';

/** What all shards saved at one boundary, and what none of them knows. */
export interface SavedShards {
  seed: number;
  /** The boundary, ns. */
  time: number;
  /** Events delivered before it; 0 when nobody counted them. */
  events: number;
  /** Facts reported before it. */
  facts: number;
  /** Saved by the headnode's shard. */
  closing: Uint8Array;
  /** Saved by each other shard. */
  others: readonly Uint8Array[];
}

/** @param decode bytes back to plain data of the caller's own */
export function wholeOf(saved: SavedShards, decode: (bytes: Uint8Array) => unknown): SimulationSnapshot {
  const { seed, time, events, facts } = saved;
  const closing = decode(saved.closing) as ClosingSaved;
  const shards = [closing.shard, ...saved.others].map((bytes) => decode(bytes) as ShardSnapshot);
  const cells = shards.flatMap((shard) => shard.cells).sort((a, b) => a.id - b.id);
  const queue = shards.flatMap((shard) => shard.queue);
  return { host: { seed, now: time, events, cells, queue }, commands: closing.commands, facts };
}
