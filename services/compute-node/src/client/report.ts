/** What clients saw of each target, once a second while they see anything. */
import type { Context } from '@orrery/actor';
import { ledgerTotal, mergeLedger } from '@orrery/proto';
import { reportDemand } from '../os/courier.ts';
import { bucketsOf, record } from '../os/model/histogram.ts';
import type { Asked, ClientState, TargetCount } from './state.ts';

const SECOND = 1_000_000_000;
const REPORT_TICK = { name: 'report', number: 0 };

/** The count of a target in this second; a report will follow. */
export function countOf(ctx: Context, client: ClientState, target: number): TargetCount {
  if (!client.reporting) {
    client.reporting = true;
    ctx.timer('report', (Math.floor(ctx.now / SECOND) + 1) * SECOND, 'tick', REPORT_TICK);
  }
  return (client.counts[target] ??= {
    requests: 0,
    errors: 0,
    refused: 0,
    timeouts: 0,
    retries: 0,
    latency: new Map(),
    ledger: [],
    latencyNs: 0,
  });
}

/** Counts a request that was answered or given up, all tries together, for whom it asked last. */
export function countEnd(ctx: Context, client: ClientState, asked: Asked, error: string): void {
  const took = ctx.now - asked.startedAt;
  if (ledgerTotal(asked.ledger) !== took)
    throw new RangeError(`a request took ${took} ns, but its ledger sums to ${ledgerTotal(asked.ledger)}`);
  const count = countOf(ctx, client, asked.target);
  if (error === '') count.requests++;
  else count.errors++;
  record(count.latency, took);
  mergeLedger(count.ledger, asked.ledger);
  count.latencyNs += took;
}

export function reportTick(ctx: Context, client: ClientState): void {
  client.reporting = false;
  const from = ctx.now - SECOND;
  client.counts.forEach((count, index) => {
    if (count === undefined) return;
    client.counts[index] = undefined;
    ctx.emit('clientServed', {
      from,
      requests: count.requests,
      errors: count.errors,
      refused: count.refused,
      timeouts: count.timeouts,
      retries: count.retries,
      latency: bucketsOf(count.latency),
      ledger: count.ledger,
      latencyNs: count.latencyNs,
      target: client.config.call.targets[index].alias,
    });
  });
  if (!reportDemand(ctx, client.courier)) return;
  client.reporting = true;
  ctx.timer('report', ctx.now + SECOND, 'tick', REPORT_TICK);
}
