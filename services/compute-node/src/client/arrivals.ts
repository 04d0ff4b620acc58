/** When clients ask: arrivals of an open loop, ends of thought of a closed one. */
import type { Context } from '@orrery/actor';
import { pathsKnown } from '../os/courier.ts';
import { addDeadline, nextDeadline, takeDue } from '../os/model/deadlines.ts';
import { drawNs } from '../os/model/plan.ts';
import type { ClientState } from './state.ts';

const ARRIVAL = { name: 'arrival', number: 0 };

/** Begins once it is time and the paths are known: who has no route yet has nobody to ask. */
export function beginArrivals(ctx: Context, client: ClientState): void {
  if (client.begun || !pathsKnown(client.courier)) return;
  client.begun = true;
  const { config } = client;
  const from = Math.max(ctx.now, config.startAt);
  if (config.clients === 0) ctx.timer('open', from, 'tick', { name: 'open', number: 0 });
  else for (let i = 0; i < config.clients; i++) think(ctx, client, from);
  armThinking(ctx, client);
}

/** Sets the next arrival of an open loop. */
export function nextArrival(ctx: Context, client: ClientState): void {
  if (ctx.now < client.config.stopAt)
    ctx.randomTimer('arrival', client.config.wait, 'arrivals', 'tick', ARRIVAL);
}

/** A client of a closed loop thinks from `from` on, ns. */
export function think(ctx: Context, client: ClientState, from: number): void {
  const id = client.nextId++;
  client.thinkers.add(id);
  addDeadline(client.thinking, from + drawNs(client.config.wait, ctx.stream('think'), 1), id);
}

/** @returns how many have thought long enough */
export function takeThoughtful(ctx: Context, client: ClientState): number {
  let count = 0;
  for (let id = takeDue(client.thinking, client.thinkers, ctx.now); id >= 0; count++) {
    client.thinkers.delete(id);
    id = takeDue(client.thinking, client.thinkers, ctx.now);
  }
  return count;
}

export function armThinking(ctx: Context, client: ClientState): void {
  const at = nextDeadline(client.thinking, client.thinkers);
  const set = ctx.timerAt('think');
  if (at < 0 || (set !== undefined && set <= at)) return;
  ctx.timer('think', at, 'tick', { name: 'think', number: 0 });
}
