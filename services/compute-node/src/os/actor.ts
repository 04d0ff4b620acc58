/** The running kernel of a node as an actor: which message goes to which part of it. */
import { defineActor, type Context } from '@orrery/actor';
import type { Messages } from '@orrery/proto';
import { answered, deadlineTick } from './calls.ts';
import { retryHeld, takePaths } from './courier.ts';
import { blockDone } from './boot-reads.ts';
import { burstTick } from './bursts.ts';
import { burstDone, cpuTick } from './cpu-work.ts';
import { loadTick } from './load.ts';
import { noteZio, readDone } from './reads.ts';
import { reportTick } from './report.ts';
import { drain } from './run.ts';
import { incoming } from './serve.ts';
import { Phase, type OsConfig, type OsState } from './state.ts';
import { ask, synced, takeSpaces, txgTick } from './txg-work.ts';
import { runWork } from './work.ts';
import { delayDone, logDone } from './writes.ts';
import { attach, cpusChanged, detach, newOs, serves, started, stopped, watchAll } from './zones.ts';

function tick(ctx: Context, os: OsState, { name }: Messages['tick']): void {
  if (name === 'begin') watchAll(ctx, os);
  if (os.status !== 'up') return;
  if (name === 'cpu') cpuTick(ctx, os);
  else if (name === 'burst') burstTick(ctx, os);
  else if (name === 'txg') txgTick(ctx, os);
  else if (name === 'deadline') deadlineTick(ctx, os);
  else if (name === 'retry') retryHeld(ctx, os.courier, os.outcalls);
  else if (name === 'load') loadTick(ctx, os);
  else if (name === 'report') reportTick(ctx, os);
  drain(ctx, os);
}

function osStep(ctx: Context, os: OsState, message: Messages['osStep']): void {
  const request = os.requests.get(message.request);
  if (os.status !== 'up' || request === undefined || request.slice !== message.slice) return;
  if (request.phase === Phase.cpu) burstDone(ctx, os, request);
  else if (request.phase === Phase.delay) delayDone(ctx, os, request);
  drain(ctx, os);
}

function zioDone(ctx: Context, os: OsState, message: Messages['zioDone']): void {
  const zio = os.zios.get(message.id);
  if (os.status !== 'up' || zio === undefined) return;
  os.zios.delete(message.id);
  if (zio.kind === 'load') blockDone(ctx, os, zio, message);
  else if (zio.kind === 'log') {
    const zone = os.zones.get(zio.zone);
    if (zone !== undefined) logDone(ctx, os, zone, zio, message);
  } else {
    const request = os.requests.get(zio.request);
    noteZio(ctx, os, zio, message, request);
    if (request !== undefined) readDone(ctx, os, request, zio, message);
  }
  drain(ctx, os);
}

/** What is the disks' own goes on to the pool. */
function setTunable(ctx: Context, os: OsState, { name, value }: Messages['setTunable']): void {
  if (os.status !== 'up') return;
  const on = value !== 0;
  if (name === 'zfs_zone_delay_enable') os.switches.delay = on;
  else if (name === 'zfs_zone_priority_enable') os.switches.priority = os.throttle.byPriority = on;
  else if (name === 'zfs_zone_schedule_enable') ctx.send(os.pool, 'zoneScheduling', { enabled: on });
}

export const osKind = defineActor<OsState, OsConfig>({
  name: 'os',
  service: 'compute-node',
  init: (ctx, config) => {
    ctx.timer('begin', 0, 'tick', { name: 'begin', number: 0 });
    return newOs(config);
  },
  on: {
    tick,
    osStep,
    zioDone,
    osStarted: started,
    osStopped: stopped,
    cpuOnline: (ctx, os, message) => {
      if (os.status !== 'up') return;
      cpusChanged(ctx, os, message);
      drain(ctx, os);
    },
    zoneUp: (ctx, os, message) => {
      if (os.status === 'up') attach(ctx, os, message);
      else os.early.push(message);
    },
    zoneServes: (ctx, os, message) => {
      if (os.status !== 'up') {
        if (message.serving) os.earlyServing.push(message.zone);
        return;
      }
      serves(ctx, os, message);
      drain(ctx, os);
    },
    zoneGone: (ctx, os, message) => {
      os.early = os.early.filter(({ zone }) => zone !== message.zone);
      os.earlyServing = os.earlyServing.filter((zone) => zone !== message.zone);
      const zone = os.zones.get(message.zone);
      if (os.status === 'up' && zone !== undefined) detach(ctx, os, zone);
    },
    workRun: (ctx, os, message) => {
      if (os.status !== 'up') return;
      runWork(ctx, os, message);
      drain(ctx, os);
    },
    zfsAsk: (ctx, os, message) => {
      if (os.status === 'up') ask(ctx, os, message, ctx.source);
    },
    txgSynced: (ctx, os, message) => {
      if (os.status !== 'up') return;
      synced(ctx, os, message);
      drain(ctx, os);
    },
    poolImported: (_, os, message) => takeSpaces(os, message.spaces),
    setTunable,
    poolSuspended: () => undefined,
    call: (ctx, os, message) => {
      // A node that is down is silent.
      if (os.status !== 'up') return;
      incoming(ctx, os, message);
      drain(ctx, os);
    },
    callReply: (ctx, os, message) => {
      if (os.status !== 'up') return;
      answered(ctx, os, message.id, { status: message.status, error: message.error }, message.ledger);
      drain(ctx, os);
    },
    pathsAnnounced: (_, os, message) => takePaths(os.courier, message),
  },
});
