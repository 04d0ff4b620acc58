/**
 * Importing a pool is reading labels and a chain of metadata, one block after another; it does not read the data.
 *
 * Law.    time = `OPEN_NS` + labels + chain + replay.
 *         labels: four reads a leaf, leaves at once, so four reads of the slowest;
 *         chain: `CHAIN_READS` dependent metadata reads and one for each `DATASETS_A_READ` datasets mounted;
 *         replay: the log's bytes at the log device's rate, each record of `REPLAY_RECORD` bytes applied in `REPLAY_NS`.
 *         A leaf that does not answer costs its command timeout, `HANG_NS`.
 * Omits.  Rewinding to an earlier txg; the reads are not put through the queues, nobody else uses the pool yet.
 */
import { MS, SECOND } from '@orrery/kernel';

/** Device enumeration and opening, ns. */
const OPEN_NS = 800 * MS;
const LABEL_READS = 4;
/** MOS, feature refcounts, metaslab headers, of a pool of some hundred metaslabs. */
const CHAIN_READS = 120;
const DATASETS_A_READ = 1;
const REPLAY_RECORD = 16_384;
const REPLAY_NS = 100_000;
/** sd: 10 s a command, retried once. */
export const HANG_NS = 20 * SECOND;

export interface ImportWork {
  /** One random read of the slowest leaf that answers, ns. */
  readNs: number;
  datasets: number;
  /** A leaf hangs. */
  hangs: boolean;
  replayBytes: number;
  logBytesPerSecond: number;
}

/** How long the import takes, integer ns. */
export function importNs(work: ImportWork): number {
  const reads = LABEL_READS + CHAIN_READS + Math.ceil(work.datasets / DATASETS_A_READ);
  const records = Math.ceil(work.replayBytes / REPLAY_RECORD);
  const replay = (work.replayBytes * SECOND) / work.logBytesPerSecond + records * REPLAY_NS;
  return Math.round(OPEN_NS + reads * work.readNs + replay + (work.hangs ? HANG_NS : 0));
}
