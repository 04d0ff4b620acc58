/** Whom a zone talks to: its node's agent and its node's kernel. */
import type { Context } from '@orrery/actor';
import type { MessageKind, Messages } from '@orrery/proto';

function nodeAddress(ctx: Context): string {
  return ctx.address.slice(0, ctx.address.indexOf('/'));
}

export function tellNode<K extends MessageKind>(ctx: Context, kind: K, payload: Messages[K]): void {
  const node = ctx.lookup(nodeAddress(ctx));
  if (node !== undefined) ctx.send(node, kind, payload);
}

/** @returns whether the node has an os in this run */
export function tellOs<K extends MessageKind>(ctx: Context, kind: K, payload: Messages[K]): boolean {
  const os = ctx.lookup(`${nodeAddress(ctx)}/os`);
  if (os !== undefined) ctx.send(os, kind, payload);
  return os !== undefined;
}
