/**
 * The digest says in 16 hex digits whether two runs told the same facts; it does not say where they part
 * (`diffLogs` does).
 *
 * Rules.  1. Each actor folds its own facts, in order, into a 64-bit running hash.
 *         2. The run's digest folds the actors' hashes by ascending actor id, so it is the same whichever process ran
 *            which actor.
 *         3. A fact's whole record counts: n, time, kind, cause and payload bytes.
 * State.  A table from actor id to hash: plain data, kept in snapshots; a destroyed actor keeps its row.
 */
import type { FactRecord } from '@orrery/proto';
import { foldBytes, foldNumber, foldWord, hexOf, newHash, type Hash64 } from './hash64.ts';

/** Running hashes by actor id. */
export type DigestTable = Map<number, Hash64>;

/** Folds one fact into its actor's running hash. */
export function foldFact(hash: Hash64, fact: FactRecord): void {
  foldNumber(hash, fact.n);
  foldNumber(hash, fact.time);
  foldWord(hash, fact.kind);
  const cause = fact.cause;
  foldNumber(hash, cause === undefined ? 0 : cause.actor);
  foldNumber(hash, cause === undefined ? 0 : cause.n);
  foldBytes(hash, fact.payload);
}

/** Folds one fact into its actor's row of the table, which is made when missing. */
export function foldInto(table: DigestTable, fact: FactRecord): void {
  let hash = table.get(fact.actor);
  if (hash === undefined) {
    hash = newHash();
    table.set(fact.actor, hash);
  }
  foldFact(hash, fact);
}

/** The run's digest, 16 hex digits; the order in which actors entered the table does not count. */
export function combineDigests(table: ReadonlyMap<number, Hash64>): string {
  const actors = [...table.keys()].sort((a, b) => a - b);
  const run = newHash();
  for (const actor of actors) {
    const hash = table.get(actor) as Hash64;
    foldNumber(run, actor);
    foldWord(run, hash.low);
    foldWord(run, hash.high);
  }
  return hexOf(run);
}
