/** The fault manager of one node, `fm/cn-0001`: who gets to hear what, and what fmd's own state is. */
import { defineActor, type Context } from '@orrery/actor';
import type { CaseReport, Ereport, Repair, ResourceEvent } from '@orrery/proto';
import { actOnZfsResource, repairCase, retire, unretire } from './agents/retire.ts';
import { order } from './cases.ts';
import { diagnoseEft, forgetEftErrors } from './engines/eft.ts';
import { casesOf, diagnoseZfs, forgetZfsErrors, noteZfsResource } from './engines/zfs-diagnosis.ts';
import type { CaseState } from './machine/case.ts';
import { HELD_MAX, makeState, type CaseRecord, type FmdInit, type FmdState } from './state.ts';

function hear(context: Context, state: FmdState, ereport: Ereport): void {
  if (!state.running) {
    if (state.booting && state.held.length < HELD_MAX) state.held.push(ereport);
    return;
  }
  if (ereport.fact !== undefined) context.cause = ereport.fact;
  if (ereport.replayed) state.replayed++;
  if (ereport.class.startsWith('ereport.fs.zfs.')) diagnoseZfs(context, state, ereport);
  else diagnoseEft(context, state, ereport);
}

function hearResource(context: Context, state: FmdState, event: ResourceEvent): void {
  if (!state.running) return;
  noteZfsResource(context, state, event);
  actOnZfsResource(context, state, event, casesOf(state, event));
}

function start(context: Context, state: FmdState): void {
  if (state.running) return;
  state.running = true;
  state.booting = true;
  state.replayed = 0;
  // What the dump device kept is read in the first moments; the fact tells how much it was.
  context.timer('started', context.now + context.controlWindowNs, 'tick', { name: 'started', number: 0 });
  for (const record of state.cases.values()) {
    if (record.state === 'UNSOLVED') order(context, record, 'START');
    else retire(context, state, record, true);
  }
  const { held } = state;
  state.held = [];
  for (const ereport of held) hear(context, state, ereport);
}

function stop(context: Context, state: FmdState): void {
  state.held = [];
  state.booting = false;
  if (!state.running) return;
  state.running = false;
  context.cancel('started');
  context.emit('fmdStateChanged', { running: false, replayed: 0 });
  for (const record of state.cases.values()) {
    if (record.state === 'UNSOLVED') order(context, record, 'STOP');
  }
}

function noteCase(context: Context, state: FmdState, report: CaseReport): void {
  const record = state.cases.get(report.key);
  if (record === undefined) return;
  record.state = report.state as CaseState;
  if (record.state === 'SOLVED') retire(context, state, record, false);
  else if (record.state === 'REPAIRED') unretire(context, state, record);
  else if (record.state === 'RESOLVED' || record.state === 'DISCARDED') discard(context, state, record);
}

function discard(context: Context, state: FmdState, record: CaseRecord): void {
  if (record.engine === 'zfs-diagnosis') forgetZfsErrors(state, record.key);
  else forgetEftErrors(state, record);
  state.cases.delete(record.key);
  context.destroy(record.actor);
}

/** `fmadm repaired|acquit|replaced` and parts changed by a person: the part is a UUID, or a resource in full or in short. */
function repair(context: Context, state: FmdState, message: Repair): void {
  const whole = message.part === state.node || message.part.startsWith(`${state.node}/`);
  const resource = whole ? message.part : `${state.node}/${message.part}`;
  const named = [...state.cases.values()].filter(
    (record) => record.uuid === message.part || record.resource === resource,
  );
  if (named.length === 0 && message.kind.startsWith('fmadm.')) {
    const verb = message.kind.slice('fmadm.'.length);
    const text = `fmadm ${verb} ${resource}: specified resource is not cached by fault manager`;
    context.emit('syslogWritten', { text });
  }
  // A part changed in another service is that service's fact.
  if (named.length > 0 && message.kind.startsWith('fmadm.')) {
    context.emit('partRepaired', {
      kind: message.kind,
      target: named[0].resource,
      askedBy: message.askedBy,
    });
  }
  for (const record of named) repairCase(context, record);
}

export const fmdKind = defineActor<FmdState, FmdInit>({
  name: 'fmd',
  service: 'fma',
  init: (_, init) => makeState(init),
  on: {
    ereport: hear,
    resourceEvent: hearResource,
    fmdRuns: (context, state, message) => (message.running ? start(context, state) : stop(context, state)),
    nodePower: (context, state, message) => {
      if (message.on) state.booting = true;
      else stop(context, state);
    },
    caseReport: noteCase,
    repair,
    tick: (context, state) => {
      context.emit('fmdStateChanged', { running: true, replayed: state.replayed });
    },
  },
});
