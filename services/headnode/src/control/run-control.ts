/**
 * A run as the control API drives it, wherever it is computed: in this process, or by services over a bus.
 *
 * Rules. 1. `submit` answers once the log has the command; with the request id of an earlier command, with that one.
 *        2. Speed, pause and step change nothing of what happens, only when.
 *        3. A question is answered from the log, beside the run, never by it.
 */
import type { RunStatus } from '@orrery/proto';
import type { Catalogue, Command, Datacenter } from '@orrery/spec';
import type { FactFeed } from './feed.ts';
import type { DatacenterView } from './view/state.ts';

export interface Submission {
  command: Command;
  /** In one line, as the log and the story tell it. */
  text: string;
  askedBy: string;
  /** The caller's own name of it; never empty. */
  requestId: string;
}

export interface Accepted {
  /** The command's number in the log. */
  number: number;
  /** Boundary at which it takes effect, ns. */
  time: number;
  text: string;
  /** It was there already. */
  again: boolean;
  /** What it was about, when it was there already. */
  faultId: string;
  uuid: string;
}

export interface Pace {
  /** ns. */
  time: number;
  /** Simulated seconds a second; Infinity: as fast as it goes. */
  speed: number;
  paused: boolean;
}

export type QuestionName = 'why' | 'when' | 'slow';

export interface Question {
  name: QuestionName;
  subject: string;
  /** ns; undefined: now. */
  at: number | undefined;
  /** Forks, for `when`; 0: as many as is right. */
  seeds: number;
}

export interface Answer {
  verdict: string;
  lines: string[];
  answerJson: string;
}

/** Says that the caller does not wait any more. */
export interface Patience {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

export interface Ended {
  time: number;
  digest: string;
  facts: number;
  commands: number;
  log: string;
}

export interface RunControl {
  readonly datacenter: Datacenter;
  readonly catalogue: Catalogue;
  readonly view: DatacenterView;
  readonly feed: FactFeed;
  /** Fault ids that the time line will use. */
  readonly faultIdsTaken: ReadonlySet<string>;
  /** The first control boundary not yet closed, ns. */
  readonly now: number;
  status(): RunStatus;
  /** When a fault will be reverted by itself, ns; 0: never. */
  revertAt(faultId: string): number;
  /** The command that a request was, if it was taken already. */
  accepted(requestId: string): Accepted | undefined;
  submit(submission: Submission): Promise<Accepted>;
  setSpeed(speed: number): Pace;
  pause(): Pace;
  resume(): Pace;
  /** Runs so many control windows, then pauses. */
  step(boundaries: number): Promise<Pace>;
  /** Puts a snapshot into the log. @returns its time, ns */
  snapshot(): Promise<number>;
  ask(question: Question, patience: Patience): Promise<Answer>;
  /** The log in another form. @param format jsonl or parquet */
  exportLog(format: string, patience: Patience): AsyncIterable<Uint8Array>;
  /** Ends the run; suspended, its log stays open, to be gone on with. */
  end(suspend: boolean): Promise<Ended>;
}
