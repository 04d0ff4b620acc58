/** What the process that starts a run's replicas and those processes tell each other. */
import type { Scenario } from '@orrery/spec';
import type { ReplicaCounts } from '../parts/shards.ts';

/** To a replica: who it is, and of which run. */
export interface Assignment {
  url: string;
  /** Unique: letters, digits, `-` and `_`. */
  run: string;
  replica: string;
  scenario: Scenario;
  seed: number;
  counts: ReplicaCounts;
}

/** From a replica. */
export type Report =
  /** The headnode's: simulated time that all have reached, ns. */
  | { is: 'at'; time: number }
  /** All it had to say is stored. @param events delivered by this process */
  | { is: 'over'; events: number }
  | { is: 'stopped'; code: string; detail: string };
