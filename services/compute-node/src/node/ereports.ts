/** Telemetry of the node's own hardware: each ereport is a fact, and goes to fmd or, in a panic, to the dump. */
import type { Context } from '@orrery/actor';
import type { Param } from '@orrery/proto';
import { tellFm } from './peers.ts';
import type { NodeState } from './state.ts';

export interface Notice {
  class: string;
  /** `dimm/3`; '' for the node as a whole. */
  part: string;
  payload: Param[];
  /** The kernel is about to panic: the ereport is saved with the dump instead of being sent. */
  save: boolean;
}

export function postEreport(ctx: Context, state: NodeState, notice: Notice): void {
  const detector = notice.part === '' ? ctx.address : `${ctx.address}/${notice.part}`;
  const fact = ctx.emit('ereportPosted', {
    class: notice.class,
    detector,
    count: 1,
    payload: notice.payload,
  });
  const ereport = {
    class: notice.class,
    detector,
    noticedAt: ctx.now,
    ena: ++state.ereports,
    pool: '',
    vdev: '',
    count: 1,
    payload: notice.payload,
    fact,
    replayed: false,
  };
  if (notice.save) state.panicEreports.push(ereport);
  else tellFm(ctx, 'ereport', ereport);
}

export function number(name: string, value: number): Param {
  return { name, number: value, text: '' };
}
