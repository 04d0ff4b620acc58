/** Snapshots as bytes, by V8's own serialiser: typed arrays, Maps and exact numbers survive. */
import { deserialize, serialize } from 'node:v8';
import type { SimulationSnapshot } from '../simulation.ts';

/** Copies the live state out as it is now. */
export function encodeSnapshot(snapshot: SimulationSnapshot): Uint8Array {
  return serialize(snapshot);
}

/** A snapshot whose objects belong to the caller: V8 lays typed arrays over the bytes it reads, so it reads a copy. */
export function decodeSnapshot(bytes: Uint8Array): SimulationSnapshot {
  return deserialize(new Uint8Array(bytes)) as SimulationSnapshot;
}
