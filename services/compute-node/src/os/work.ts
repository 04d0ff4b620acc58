/** Boot and shutdown work of zones: threads that read and compute in turn, under the zone's own limits. */
import type { Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import { blocksOf } from './boot-reads.ts';
import type { StepPlan } from './model/plan.ts';
import { makeReady, makeRequest } from './request.ts';
import type { OsState, OsZone } from './state.ts';
import { touch } from './report.ts';

/** Turns of reading and computing a thread takes: more mixes the two more finely, at two events each. */
const ROUNDS = 8;

export function runWork(ctx: Context, os: OsState, ask: Messages['workRun']): void {
  const zone = ask.zone === 0 ? os.zones.get(ctx.self) : os.zones.get(ask.zone);
  const threads = Math.max(1, ask.threads);
  const id = os.nextId++;
  os.works.set(id, { id, ask, threads, error: '' });
  if (zone === undefined) {
    os.works.get(id)!.threads = 1;
    workDone(ctx, os, id, 'no such zone');
    return;
  }
  touch(ctx, os, zone);
  for (let thread = 0; thread < threads; thread++) startThread(ctx, os, zone, id, ask, thread, threads);
}

function startThread(
  ctx: Context,
  os: OsState,
  zone: OsZone,
  work: number,
  ask: Messages['workRun'],
  thread: number,
  threads: number,
): void {
  const reads = ask.readSize > 0 ? Math.ceil(ask.readBytes / ask.readSize) : 0;
  const parts = threads * ROUNDS;
  const image = blocksOf(os, ask, zone, reads);
  const steps: StepPlan[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const part = round * threads + thread;
    const count = share(reads, parts, part);
    const cpuNs = share(ask.cpuNs, parts, part);
    const first = Math.floor((reads * part) / parts);
    if (count > 0) steps.push({ op: 'load', image, bytes: ask.readSize, first, count });
    if (cpuNs > 0) steps.push({ op: 'cpu', time: { kind: 'constant', value: cpuNs } });
  }
  const origin = { kind: 'work', work } as const;
  const request = makeRequest(ctx, os, {
    zone,
    name: ask.name,
    steps,
    replyBytes: 0,
    origin,
    root: 0,
    parentSpan: 0,
  });
  makeReady(os, request);
}

/** The part-th of so many equal parts of a whole number; the parts sum to it. */
function share(whole: number, parts: number, part: number): number {
  return Math.floor((whole * (part + 1)) / parts) - Math.floor((whole * part) / parts);
}

/** A thread of a work has ended; the last one answers. */
export function workDone(ctx: Context, os: OsState, id: number, error: string): void {
  const work = os.works.get(id);
  if (work === undefined) return;
  if (work.error === '') work.error = error;
  if (--work.threads > 0) return;
  os.works.delete(id);
  const { replyTo, name, zone } = work.ask;
  // What the boot does brings the network up; what serves on it may still have to settle.
  const up = os.zones.get(zone);
  if (up !== undefined && work.error === '') up.reachable = true;
  if (replyTo !== 0) ctx.send(replyTo, 'workDone', { id: work.ask.id, name, error: work.error });
}
