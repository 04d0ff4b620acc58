/** What a group of clients outside the border keeps: plain data. */
import type { Distribution } from '@orrery/kernel';
import type { LedgerEntry } from '@orrery/proto';
import type { Courier } from '../os/courier.ts';
import type { Deadlines } from '../os/model/deadlines.ts';
import type { Histogram } from '../os/model/histogram.ts';
import type { CallPlan } from '../os/model/plan.ts';

export interface ClientConfig {
  call: CallPlan;
  /** Time between arrivals (open) or thought (closed). */
  wait: Distribution;
  /** 0: open. */
  clients: number;
  startAt: number;
  stopAt: number;
}

/** What was seen of one target within a second. */
export interface TargetCount {
  requests: number;
  errors: number;
  refused: number;
  timeouts: number;
  retries: number;
  latency: Histogram;
  ledger: LedgerEntry[];
  latencyNs: number;
}

/** A request until it is answered or given up, over all its tries. */
export interface Asked {
  /** Number of the present try, and index of whom it asks. */
  id: number;
  target: number;
  tries: number;
  /** Root of its trace, and key of its span. */
  key: number;
  /** Key of the present try's span. */
  call: number;
  startedAt: number;
  sentAt: number;
  /** Of the tries before the present one. */
  ledger: LedgerEntry[];
}

export interface ClientState {
  config: ClientConfig;
  courier: Courier;
  /** Whether arrivals have begun. */
  begun: boolean;
  nextId: number;
  asked: Map<number, Asked>;
  deadlines: Deadlines;
  /** Clients of a closed loop that think. */
  thinking: Deadlines;
  thinkers: Set<number>;
  /** When each os was last heard of, by actor id, ns: late answers too. */
  heardAt: Map<number, number>;
  counts: (TargetCount | undefined)[];
  reporting: boolean;
}
