/** The node's agent: it beats while multi-user and reached by the admin network, and passes on what VMs became. */
import type { Context } from '@orrery/actor';
import type { Messages, VmStatus } from '@orrery/proto';
import { BEAT_PERIOD_NS, beatOffset, carriesStatus, nextBeat } from './model/heartbeat.ts';
import type { NodeState } from './state.ts';
import { sendUnsent } from './replies.ts';

const BEAT: Messages['tick'] = { name: 'beat', number: 0 };
const NO_STATUS: VmStatus[] = [];

/** Sets the timer of the next beat, or stops it when nobody would hear. */
export function setHeart(ctx: Context, state: NodeState): void {
  if (state.phase !== 'running' || !state.adminUp) ctx.cancel('beat');
  else if (ctx.timerAt('beat') === undefined) {
    ctx.timer('beat', nextBeat(ctx.now, beatOffset(ctx.address)), 'tick', BEAT);
  }
}

export function beat(ctx: Context, state: NodeState): void {
  const headnode = ctx.lookup('headnode');
  if (headnode === undefined) return;
  const full = carriesStatus(ctx.now, state.statusChanged, state.lastFullAt);
  ctx.send(headnode, 'heartbeat', {
    node: ctx.self,
    sentAt: ctx.now,
    bootTime: state.bootedAt,
    statusChanged: full,
    vms: full ? state.zones.map(({ uuid, state, zoneState }) => ({ uuid, state, zoneState })) : NO_STATUS,
  });
  if (full) {
    state.statusChanged = false;
    state.lastFullAt = ctx.now;
  }
  ctx.timer('beat', ctx.now + BEAT_PERIOD_NS, 'tick', BEAT);
}

/** Asks net to announce the way to the head node. */
export function watchAdmin(ctx: Context): void {
  const net = ctx.lookup('net');
  if (net === undefined) return;
  ctx.send(net, 'pathWatch', {
    watcher: ctx.self,
    endpoint: ctx.address,
    peers: ['headnode'],
    network: 'admin',
  });
}

export function pathsAnnounced(ctx: Context, state: NodeState, message: Messages['pathsAnnounced']): void {
  for (const path of message.paths) {
    if (path.peer !== 'headnode') continue;
    state.adminUp = path.up;
    if (path.up && path.rateBps > 0) state.adminRateBps = path.rateBps;
  }
  setHeart(ctx, state);
  if (state.adminUp) sendUnsent(ctx, state);
}

export function zoneState(_ctx: Context, state: NodeState, message: Messages['zoneState']): void {
  let entry = state.zones.find(({ uuid }) => uuid === message.uuid);
  if (entry === undefined) {
    entry = { uuid: message.uuid, pool: '', state: '', zoneState: '' };
    state.zones.push(entry);
  }
  if (entry.state === message.state && entry.zoneState === message.zoneState) return;
  entry.state = message.state;
  entry.zoneState = message.zoneState;
  state.statusChanged = true;
}
