/** Workloads that VMs run themselves: requests that consist of one call, made from inside the zone. */
import type { Context } from '@orrery/actor';
import { addDeadline, nextDeadline, takeDue } from './model/deadlines.ts';
import { drawNs } from './model/plan.ts';
import { makeReady, makeRequest } from './request.ts';
import type { OsState, OsZone } from './state.ts';

/** Begins the workloads of a zone that has begun to serve. */
export function startLoads(ctx: Context, os: OsState, zone: OsZone): void {
  os.config.loads.forEach((source, load) => {
    if (source.uuid !== zone.uuid) return;
    const from = Math.max(ctx.now, source.startAt);
    for (let client = 0; client < Math.max(1, source.clients); client++) think(ctx, os, load, from);
  });
  armThinking(ctx, os);
}

export function stopLoads(os: OsState, zone: OsZone): void {
  for (const [id, load] of os.thinkers) if (os.config.loads[load].uuid === zone.uuid) os.thinkers.delete(id);
}

/** Arrivals and ends of thought that are due. */
export function loadTick(ctx: Context, os: OsState): void {
  for (let id = takeDue(os.thinking, os.thinkers, ctx.now); id >= 0;) {
    const load = os.thinkers.get(id)!;
    os.thinkers.delete(id);
    const source = os.config.loads[load];
    const zone = os.byUuid.get(source.uuid);
    if (zone !== undefined && ctx.now < source.stopAt) {
      const origin = { kind: 'load', load } as const;
      const name = source.call.program;
      const request = makeRequest(ctx, os, {
        zone,
        name,
        steps: [source.call],
        replyBytes: 0,
        origin,
        root: 0,
        parentSpan: 0,
      });
      makeReady(os, request);
      if (source.clients === 0) think(ctx, os, load, ctx.now);
    }
    id = takeDue(os.thinking, os.thinkers, ctx.now);
  }
  armThinking(ctx, os);
}

/** A request of a workload has ended; in a closed loop its client thinks. */
export function loadDone(ctx: Context, os: OsState, load: number): void {
  const source = os.config.loads[load];
  const serving = os.byUuid.get(source.uuid)?.serving === true;
  if (source.clients === 0 || !serving) return;
  think(ctx, os, load, ctx.now);
  armThinking(ctx, os);
}

function think(ctx: Context, os: OsState, load: number, from: number): void {
  const { wait, uuid } = os.config.loads[load];
  const id = os.nextId++;
  os.thinkers.set(id, load);
  addDeadline(os.thinking, from + drawNs(wait.time, ctx.stream(`load:${uuid}`), 1), id);
}

function armThinking(ctx: Context, os: OsState): void {
  const at = nextDeadline(os.thinking, os.thinkers);
  if (at >= 0) ctx.timer('load', Math.max(at, ctx.now), 'tick', { name: 'load', number: 0 });
}
