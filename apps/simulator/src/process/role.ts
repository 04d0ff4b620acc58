/** What a process does of one run, and what it is given for it: a replica's part of the windows, or only reading them. */
import type { NatsConnection, RunRegistry } from '@orrery/bus/nats';
import type { Member, RunRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import type { Counters } from './counters.ts';
import type { HeardLease } from './lease-table.ts';

/** Structured log lines; those of a run carry run and replica. */
export interface ProcessLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RunContext {
  readonly connection: NatsConnection;
  /** Whether the broker answers now. */
  readonly connected: () => boolean;
  /** To read the run's record again, or to end it. */
  readonly registry: RunRegistry;
  readonly record: RunRecord;
  readonly scenario: Scenario;
  readonly service: string;
  readonly replica: string;
  /** Names this process among those that were or are the same replica. */
  readonly process: string;
  /** Who is there, as heard in the last seconds: a hint. */
  readonly leases: () => readonly HeardLease[];
  readonly counters: Counters;
  readonly log: ProcessLog;
}

export interface RunningRole {
  /** Resolves when nothing more is to be done in this run; rejects with why it cannot go on. */
  readonly over: Promise<void>;
  /** Why it is not ready; undefined: it is. */
  notReady(): string | undefined;
  /** Members of the present epoch, for the headnode's lease; others say none. */
  members(): readonly Member[];
  /** Resolves once the process may go: its shards have gone to others, or all it said is stored. */
  drain(): Promise<void>;
  /** Lets go of the run at once; what was acknowledged is not lost, and what was not is said again by the next process. */
  stop(): Promise<void>;
}

/** Begins its part of a run. @throws when it cannot */
export type Role = (context: RunContext) => Promise<RunningRole>;
