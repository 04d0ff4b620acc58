/**
 * A plan is a program as the kernel runs it: means turned into distributions, names into addresses.
 *
 * Rules. 1. A plan's draws have the mean that the file gives.
 *        2. A call's network is one that caller and callee share, else the callee's own.
 */
import { draw, log, type Distribution as Drawn, type Stream } from '@orrery/kernel';
import type { Distribution, Pattern } from '@orrery/spec';

/** Whom a call may ask. */
export interface Target {
  uuid: string;
  alias: string;
  /** Address of the node; '' while nobody has placed it. */
  node: string;
  /** Address of the node's os. */
  os: string;
  network: string;
}

export interface CallPlan {
  op: 'call';
  targets: Target[];
  program: string;
  timeoutNs: number;
  retries: number;
  requestBytes: number;
  /** Whose turn it is. */
  turn: number;
}

interface Io {
  bytes: number;
  count: number;
  parallel: number;
  pattern: Pattern;
  skew: number;
}

export interface ReadPlan extends Io {
  op: 'read';
}

export interface WritePlan extends Io {
  op: 'write' | 'sync-write';
}

/** Blocks of an image that boot work reads in turn, from number `first` on. */
export interface LoadPlan {
  op: 'load';
  image: string;
  bytes: number;
  first: number;
  count: number;
}

export type StepPlan =
  { op: 'cpu'; time: Drawn } | { op: 'memory'; bytes: number } | ReadPlan | WritePlan | LoadPlan | CallPlan;

export interface ProgramPlan {
  name: string;
  steps: StepPlan[];
  replyBytes: number;
}

/** The file's distribution with a mean in ns. */
export function spread(distribution: Distribution, mean: number): Drawn {
  if (mean <= 0) return { kind: 'constant', value: 0 };
  switch (distribution.kind) {
    case 'constant':
      return { kind: 'constant', value: mean };
    case 'exponential':
      return { kind: 'exponential', mean };
    case 'lognormal': {
      const square = 1 + distribution.variation * distribution.variation;
      return { kind: 'lognormal', median: mean / Math.sqrt(square), sigma: Math.sqrt(log(square)) };
    }
    case 'pareto':
      return {
        kind: 'pareto',
        minimum: (mean * (distribution.shape - 1)) / distribution.shape,
        shape: distribution.shape,
      };
  }
}

/** A draw in whole ns, at least `least`. */
export function drawNs(time: Drawn, stream: Stream, least: number): number {
  const ns = time.kind === 'constant' ? time.value : draw(time, stream);
  return Math.max(least, Math.round(ns));
}
