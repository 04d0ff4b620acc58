/** Whom a node talks to, by address; a peer that this run does not have is not talked to. */
import type { Context } from '@orrery/actor';
import type { MessageKind, Messages } from '@orrery/proto';

/** Sends when somebody has the address. @returns whether somebody does */
export function tell<K extends MessageKind>(
  ctx: Context,
  address: string,
  kind: K,
  payload: Messages[K],
): boolean {
  const peer = ctx.lookup(address);
  if (peer === undefined) return false;
  ctx.send(peer, kind, payload);
  return true;
}

/** Tells the kernel's resources, the actor `os` of this node. */
export function tellOs<K extends MessageKind>(ctx: Context, kind: K, payload: Messages[K]): boolean {
  return tell(ctx, `${ctx.address}/os`, kind, payload);
}

/** Tells the node's fault manager. */
export function tellFm<K extends MessageKind>(ctx: Context, kind: K, payload: Messages[K]): boolean {
  return tell(ctx, `fm/${ctx.address}`, kind, payload);
}

export function tellZone(ctx: Context, uuid: string, order: string, task: number, reason: string): boolean {
  return tell(ctx, `${ctx.address}/zone/${uuid}`, 'zoneOrder', { order, task, reason });
}
