/** Ereports and resource events that ZFS posts about its vdevs; they tell what was noticed, never what was injected. */
import type { Context } from '@orrery/actor';
import { SECOND } from '@orrery/kernel';
import type { FactRef, Param } from '@orrery/proto';
import type { Leaf, PoolState } from './state.ts';

/** Ereports of one class and vdev within a second; more are counted into the next. As zfs's own rate limit. */
const EREPORTS_A_SECOND = 20;

/** Posts ereport.fs.zfs.`name` for a leaf. @param cause the fact that the leaf's trouble goes back to */
export function postEreport(
  context: Context,
  state: PoolState,
  leaf: Leaf,
  name: string,
  cause: FactRef,
  payload: Param[] = [],
): void {
  const count = allowed(leaf, name, context.now);
  if (count === 0) return;
  const named = [param('vdev_guid', leaf.guid), ...payload];
  post(context, state, `ereport.fs.zfs.${name}`, { leaf, cause, count, payload: named });
}

/** Posts an ereport of the whole pool. */
export function postPoolEreport(
  context: Context,
  state: PoolState,
  name: string,
  payload: Param[] = [],
): void {
  post(context, state, `ereport.fs.zfs.${name}`, {
    leaf: undefined,
    cause: context.cause,
    count: 1,
    payload,
  });
}

interface Post {
  leaf: Leaf | undefined;
  cause: FactRef;
  count: number;
  payload: Param[];
}

function post(context: Context, state: PoolState, name: string, of: Post): void {
  if (of.cause.n !== 0) context.cause = of.cause;
  const detector =
    of.leaf === undefined ? `${state.node}/pool/${state.name}` : `${state.node}/disk/${of.leaf.name}`;
  const { count, payload } = of;
  const fact = context.emit('ereportPosted', { class: name, detector, count, payload });
  if (state.fm === 0) return;
  context.send(state.fm, 'ereport', {
    class: name,
    detector,
    noticedAt: context.now,
    ena: state.ioCount,
    pool: state.name,
    vdev: of.leaf?.name ?? '',
    count,
    payload,
    fact,
    replayed: false,
  });
}

/** How many to post now: 0 when this second's share is used up, else 1 and what was held back. */
function allowed(leaf: Leaf, name: string, now: number): number {
  const rate = (leaf.rates[name] ??= { since: -SECOND, sent: 0, held: 0 });
  if (now - rate.since >= SECOND) {
    rate.since = now;
    rate.sent = 0;
  }
  if (rate.sent >= EREPORTS_A_SECOND) {
    rate.held++;
    return 0;
  }
  rate.sent++;
  const count = 1 + rate.held;
  rate.held = 0;
  return count;
}

/** Posts resource.fs.zfs.`name` (removed, statechange, autoreplace). */
export function postResource(context: Context, state: PoolState, leaf: Leaf, name: string): void {
  if (state.fm === 0) return;
  context.send(state.fm, 'resourceEvent', {
    class: `resource.fs.zfs.${name}`,
    pool: state.name,
    vdev: leaf.name,
    state: leaf.state,
    noticedAt: context.now,
  });
}

export function param(name: string, number: number): Param {
  return { name, number, text: '' };
}
