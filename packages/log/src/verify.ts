/** Reads a whole log and says what it holds and whether its digest is what its facts give. */
import type { LogReader, PassedOver, Cut } from './log.ts';
import { combineDigests, foldInto, type DigestTable } from './digest.ts';

export interface Verification {
  readonly state: LogReader['state'];
  /** Time up to which the log is complete, ns. */
  readonly upTo: number;
  readonly cut: Cut | undefined;
  readonly batches: number;
  readonly facts: number;
  readonly commands: number;
  /** Digest of the facts that are there, 16 hex digits. */
  readonly digest: string;
  /** Whether that is the digest the run ended with; undefined for an unfinished log. */
  readonly digestMatches: boolean | undefined;
  readonly unusableSnapshots: readonly PassedOver[];
}

/** @throws LogError ORRERY_LOG_DAMAGED with the place */
export function verifyLog(reader: LogReader): Verification {
  const table: DigestTable = new Map();
  let batches = 0;
  let facts = 0;
  let commands = 0;
  for (const batch of reader.batches()) {
    batches += 1;
    facts += batch.facts.length;
    commands += batch.commands.length;
    for (const fact of batch.facts) foldInto(table, fact);
  }
  const digest = combineDigests(table);
  return {
    state: reader.state,
    upTo: reader.upTo,
    cut: reader.cut,
    batches,
    facts,
    commands,
    digest,
    digestMatches: reader.ended && reader.ended.digest === digest,
    unusableSnapshots: reader.unusableSnapshots(),
  };
}
