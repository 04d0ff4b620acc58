/**
 * Who asks what of whom: workloads make requests, a program says what serving one takes.
 */

/** How a duration or an interval varies about its mean. */
export type Distribution =
  | { readonly kind: 'constant' }
  | { readonly kind: 'exponential' }
  /** `variation`: standard deviation over mean. */
  | { readonly kind: 'lognormal'; readonly variation: number }
  /** `shape` above 1; nearer to 1 has the heavier tail. */
  | { readonly kind: 'pareto'; readonly shape: number };

/** Address `client/<name>` when it comes from outside. */
export interface Workload {
  readonly name: string;
  readonly from: WorkloadSource;
  /** UUIDs of the VMs that are asked, in turn; never empty. */
  readonly to: readonly string[];
  readonly loop: WorkloadLoop;
  readonly program: string;
  readonly requestBytes: number;
  readonly timeoutNs: number;
  readonly retries: number;
  readonly startAtNs: number;
  /** Infinity is written as the largest safe integer: it never stops. */
  readonly stopAtNs: number;
}

export type WorkloadSource =
  { readonly kind: 'outside' } | { readonly kind: 'vms'; readonly uuids: readonly string[] };

export type WorkloadLoop =
  /** Arrivals that do not wait for answers; the rate is of the whole workload. */
  | { readonly kind: 'open'; readonly ratePerSecond: number; readonly arrival: Distribution }
  /** Each client asks, waits for the answer, thinks, asks again; the number is of the whole workload. */
  | {
      readonly kind: 'closed';
      readonly clients: number;
      readonly thinkNs: number;
      readonly think: Distribution;
    };

export interface Program {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly replyBytes: number;
}

export type Pattern = 'uniform' | 'zipf' | 'sequential';

export type Step =
  | { readonly op: 'cpu'; readonly ns: number; readonly distribution: Distribution }
  /** `count` reads of `bytes` each, `parallel` at once, within the VM's working set. */
  | {
      readonly op: 'read';
      readonly bytes: number;
      readonly count: number;
      readonly parallel: number;
      readonly pattern: Pattern;
      /** Exponent of zipf; 0 for the others. */
      readonly skew: number;
    }
  /** `count` writes of `bytes` each that the caller does not wait for. */
  | {
      readonly op: 'write';
      readonly bytes: number;
      readonly count: number;
      readonly pattern: Pattern;
      readonly skew: number;
    }
  /** One write that must be on stable storage before the next step. */
  | {
      readonly op: 'sync-write';
      readonly bytes: number;
      readonly count: number;
      readonly pattern: Pattern;
      readonly skew: number;
    }
  /** Memory held until the request ends. */
  | { readonly op: 'memory'; readonly bytes: number }
  | {
      readonly op: 'call';
      /** UUIDs, asked in turn; never empty. */
      readonly to: readonly string[];
      readonly program: string;
      readonly timeoutNs: number;
      readonly retries: number;
      readonly requestBytes: number;
      readonly replyBytes: number;
    };
