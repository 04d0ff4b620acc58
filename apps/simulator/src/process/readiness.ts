/** Whether a replica does what it is there for. */
import type { Runner } from '@orrery/bus';

/** Peers may keep it waiting so long, ms: longer than a process takes to come back from its snapshot. */
const SILENT_MS_MAX = 15_000;

export interface Standing {
  /** The broker answers. */
  readonly connected: boolean;
  readonly phase: Runner['replica']['phase'];
  readonly hasShards: boolean;
  /** Since its last window, ms. */
  readonly silentMs: number;
}

/** Why it is not ready; undefined: it is. A run that is paused, or paced by the wall clock, is waited for at a boundary. */
export function notReady({ connected, phase, hasShards, silentMs }: Standing): string | undefined {
  if (!connected) return 'the broker does not answer';
  if (phase === 'stopped') return 'the run has failed';
  if (phase === 'ended' || (phase === 'boundary' && hasShards)) return undefined;
  if (phase === 'taking') return 'its shards have not come yet';
  if (!hasShards) return 'it has no shards';
  if (silentMs > SILENT_MS_MAX) return `it has waited for its peers for ${Math.round(silentMs / 1000)} s`;
  return undefined;
}
