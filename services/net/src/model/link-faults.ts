/**
 * What the faults on one cable do to it together; they do not know what hangs on it.
 *
 * Rules. 1. `link.down` cuts it; `link.flap` cuts it for the first half of every period; `link.loss` drops a share of
 *           packets. A cable is whole when nothing cuts it, and losses combine.
 *        2. Reverting a fault takes away its own effect only.
 */
import type { FactRef } from '@orrery/proto';
import { combinedLoss } from './loss.ts';

export interface LinkFault {
  readonly id: string;
  readonly kind: string;
  readonly cause: FactRef;
  /** Of packets, a million; 0 for other kinds. */
  readonly lossPerMillion: number;
  /** Of a flap, ns; 0 for other kinds. */
  readonly periodNs: number;
  /** Whether it cuts the cable now. */
  cuts: boolean;
}

export function isCut(faults: readonly LinkFault[]): boolean {
  return faults.some((fault) => fault.cuts);
}

/** Packets lost of a million. */
export function lossOf(faults: readonly LinkFault[]): number {
  return combinedLoss(faults.map((fault) => fault.lossPerMillion));
}

/** How long a flap stays as it is now, ns: the halves of an odd period differ by one. */
export function halfPeriod(fault: LinkFault): number {
  const down = Math.floor(fault.periodNs / 2);
  return fault.cuts ? down : fault.periodNs - down;
}
