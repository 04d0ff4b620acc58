/** Answers as data: what is said, step by step, and by which fact. Rendering is another matter. */
import type { Subject } from './subject.ts';

/** One step of reasoning; the next deeper step is its cause. */
export interface Step {
  /** ns. */
  time: number;
  text: string;
  /** The fact that it stands on, `cn-0002#8121`. */
  fact: string;
  depth: number;
}

export type RootKind =
  | 'fault'
  | 'person'
  | 'load'
  | 'neighbour'
  | 'cold-arc'
  | 'resilver'
  | 'disk'
  | 'cap'
  | 'link'
  | 'record-size'
  | 'memory'
  | 'queue'
  | 'down'
  | 'unknown';

/** Where the causes end. */
export interface Root {
  kind: RootKind;
  /** Address of the part, zone or workload that it is about. */
  part: string;
  text: string;
  fact: string;
}

/** What was done to the datacenter on purpose: known to the log, not to the datacenter. */
export interface Injection {
  faultId: string;
  kind: string;
  target: string;
  time: number;
  text: string;
  /** `scenario.yaml:31`. */
  askedBy: string;
  fact: string;
}

export type Verdict =
  'up' | 'down' | 'degraded' | 'unreachable' | 'errors' | 'slow' | 'provisioning' | 'unknown';

export interface WhyAnswer {
  question: 'why';
  subject: Subject;
  /** The moment asked about, ns. */
  at: number;
  verdict: Verdict;
  headline: string;
  steps: Step[];
  root: Root | undefined;
  injection: Injection | undefined;
  /** What is going on now, in sentences. */
  now: string[];
}

/** An account that grew, with its reason. */
export interface Growth {
  /** Added to a mean request, ns. */
  ns: number;
  text: string;
  because: Step[];
  root: Root;
}

export interface SlowAnswer {
  question: 'slow';
  subject: Subject;
  at: number;
  verdict: 'slow' | 'not slow' | 'down' | 'no baseline' | 'idle';
  headline: string;
  /** Mean of a request, ns; 0 when unknown. */
  nowNs: number;
  baselineNs: number;
  /** Largest first. */
  growths: Growth[];
  root: Root | undefined;
  /** When it will be near its baseline again, when that can be read off. */
  outlook: string[];
}
