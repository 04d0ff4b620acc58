/** Snapshots as bytes, by V8's own serialiser: typed arrays, Maps and exact numbers survive. */
import { deserialize, serialize } from 'node:v8';
import { wholeOf, type SavedShards } from '../parts/whole.ts';
import type { SimulationSnapshot } from '../simulation.ts';

/** Copies the live state out as it is now. */
export function encodeSnapshot(snapshot: SimulationSnapshot): Uint8Array {
  return serialize(snapshot);
}

/** The state of a run in parts: its shards stay as they were saved, to be put together by whoever reads it. */
export function encodeShards(saved: SavedShards): Uint8Array {
  return serialize(saved);
}

/** A snapshot whose objects belong to the caller. */
export function decodeSnapshot(bytes: Uint8Array): SimulationSnapshot {
  const snapshot = plainOf(bytes) as SimulationSnapshot | SavedShards;
  return 'host' in snapshot ? snapshot : wholeOf(snapshot, plainOf);
}

/** V8 lays typed arrays over the bytes it reads, so it reads a copy. */
function plainOf(bytes: Uint8Array): unknown {
  return deserialize(new Uint8Array(bytes));
}
