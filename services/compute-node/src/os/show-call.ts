/** Shows a call as the network saw it: what its callee did lies within. */
import type { Context } from '@orrery/actor';
import type { LedgerEntry } from '@orrery/proto';

export type Ledger = readonly LedgerEntry[];

export interface ShownCall {
  trace: number;
  key: number;
  /** Key of the caller's span. */
  parent: number;
  sentAt: number;
  /** As a person calls them. */
  from: string;
  to: string;
  /** '' when it was answered. */
  error: string;
  /** Sums to now - sentAt. */
  ledger: Ledger;
}

export function showCall(ctx: Context, call: ShownCall): void {
  const { trace, key, parent, sentAt, from, to, error, ledger } = call;
  ctx.span({
    name: `call ${to}`,
    service: 'net',
    trace,
    key,
    parent,
    start: sentAt,
    end: ctx.now,
    ...(error === '' ? {} : { error }),
    attributes: { 'smartos.caller': from, 'smartos.callee': to },
    ledger: [...ledger],
  });
}
