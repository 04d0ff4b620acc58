/**
 * The tracer hears facts and finished spans from outside the simulation and hands on what is worth exporting; nothing
 * that it does can change a digest.
 *
 * Every span is counted once when it is made and once when its fate is known: exported, sampled out or failed. The
 * exporter behind `emit` counts what is exported and failed.
 */
import type { SpanRecord } from '@orrery/actor';
import { hostOf } from './address.ts';
import type { RunIdentity } from './ids.ts';
import {
  type Assembler,
  createAssembler,
  gather,
  type HeldRecord,
  takeAny,
  takeDone,
  type Trace,
} from './model/assembler.ts';
import {
  closeWindow,
  createSampler,
  judge,
  keepCandidates,
  SAMPLE_SHARE,
  SAMPLE_SLOWEST,
  SAMPLE_WINDOW_NS,
  type Sampler,
  type Verdict,
} from './model/sampler.ts';
import {
  createProvisioning,
  observeJob,
  observeStep,
  type Provisioning,
  takeOpenJobs,
} from './provisioning.ts';
import { requestSpans } from './request-spans.ts';
import type { Span, SpanService } from './span.ts';
import type { ObservedFact } from './story/fact.ts';
import { closeIdle, closePhase, createLibrary, forgetOld, type Library } from './story/library.ts';
import { tellBeginning, tellImpacts } from './story/impact-phases.ts';
import { observe } from './story/observe.ts';
import { addSufferer, faultLink, rootSpan, takePhaseSpans } from './story/story-spans.ts';
import { wasActive } from './story/story.ts';

/**
 * How long a trace waits after its root's end for children that outlive it, ns. Too short: they come late and lose their
 * trace; too long: more is held.
 */
const LINGER_NS = 2_000_000_000;
/** Records held at once by unfinished traces. Too small cuts long requests in two; too large is memory. */
const RECORDS_MAX = 200_000;
/** Kept traces remembered, for records that come after the decision. */
const KEPT_MAX = 20_000;
/** How often, in simulated ns, stories are looked through for phases to tell. */
const STORY_PERIOD_NS = 1_000_000_000;

export interface TracerOptions extends RunIdentity {
  /** Share of ordinary traces kept, a fraction; default SAMPLE_SHARE. */
  share?: number;
  /** Slowest traces kept of each operation and window; default SAMPLE_SLOWEST. */
  slowest?: number;
  windowNs?: number;
  recordsMax?: number;
  /** Nodes behind a switch or a cable, by its address. */
  reach?: ReadonlyMap<string, readonly string[]>;
  /** Names of VMs by UUID. */
  aliases?: ReadonlyMap<string, string>;
  /** What another tracer of the same run is to go on with. */
  state?: TracerState;
  /** Takes a span that is to be exported. */
  emit: (span: Span) => void;
  /** Whether the exporter of a live run is full: then the ordinary share is given up. */
  tight?: () => boolean;
}

export interface TracerCounts {
  made: number;
  sampledOut: number;
  /** Handed to `emit`. */
  emitted: number;
}

export interface Tracer {
  observeFact(fact: ObservedFact): void;
  observeSpan(service: string, address: string, record: SpanRecord): void;
  /** Ends every story and trace. @param now the run's end, simulated ns */
  finish(now: number): void;
  /** All that it knows, as plain data that goes on changing: to be copied at once. */
  state(): TracerState;
  readonly counts: Readonly<TracerCounts>;
}

export interface TracerState {
  counts: TracerCounts;
  assembler: Assembler;
  sampler: Sampler;
  library: Library;
  provisioning: Provisioning;
  kept: Set<number>;
  now: number;
  storiesLookedAt: number;
}

interface State extends TracerState {
  options: TracerOptions;
  holdNs: number;
  verdict: Verdict;
}

/** @returns a tracer that calls `options.emit` for every span to be exported */
export function createTracer(options: TracerOptions): Tracer {
  const { seed, share = SAMPLE_SHARE, slowest = SAMPLE_SLOWEST, windowNs = SAMPLE_WINDOW_NS } = options;
  const state: State = {
    ...(options.state ?? {
      counts: { made: 0, sampledOut: 0, emitted: 0 },
      assembler: createAssembler(LINGER_NS, options.recordsMax ?? RECORDS_MAX),
      sampler: createSampler({ seed, share, slowest, windowNs }),
      library: createLibrary(options.reach, options.aliases),
      provisioning: createProvisioning(),
      kept: new Set(),
      now: 0,
      storiesLookedAt: 0,
    }),
    options,
    holdNs: windowNs + 2 * LINGER_NS,
    verdict: {
      keep: (trace) => keep(state, trace),
      drop: (trace) => {
        state.counts.sampledOut += trace.records.length;
      },
    },
  };
  return {
    observeFact: (fact) => observeFact(state, fact),
    observeSpan: (service, address, record) => {
      const isClient = service === 'compute-node' && address.startsWith('client/');
      const from = isClient ? 'client' : (service as SpanService);
      observeRecord(state, { service: from, address, record });
    },
    finish: (now) => finish(state, now),
    state: () => {
      const { counts, assembler, sampler, library, provisioning, kept, now, storiesLookedAt } = state;
      return { counts, assembler, sampler, library, provisioning, kept, now, storiesLookedAt };
    },
    counts: state.counts,
  };
}

function observeFact(state: State, fact: ObservedFact): void {
  advance(state, fact.time);
  if (fact.kind === 'jobStateChanged') {
    judgeJob(state, observeJob(state.provisioning, fact as ObservedFact<'jobStateChanged'>));
  } else if (fact.kind === 'jobStepFinished') {
    judgeJob(state, observeStep(state.provisioning, fact as ObservedFact<'jobStepFinished'>));
  }
  const begun = observe(state.library, fact);
  if (begun === undefined) return;
  state.counts.made++;
  emit(state, rootSpan(state.options, begun, fact as ObservedFact<'faultInjected'>));
}

function judgeJob(state: State, trace: Trace | undefined): void {
  if (trace === undefined) return;
  state.counts.made += trace.records.length;
  judge(state.sampler, trace, state.verdict, isTight(state));
}

function observeRecord(state: State, held: HeldRecord): void {
  state.counts.made++;
  advance(state, held.record.end);
  const { trace } = held.record;
  const late = state.kept.has(trace);
  if (late) emitAll(state, { trace, records: [held], root: undefined, failed: true, late: true, since: 0 });
  else gather(state.assembler, held);
}

/** Moves the tracer's time on: judges what is done, tells what closed. */
function advance(state: State, time: number): void {
  if (time > state.now) state.now = time;
  const tight = isTight(state);
  for (;;) {
    const done = takeDone(state.assembler, state.now);
    if (done === undefined) break;
    judge(state.sampler, done, state.verdict, tight);
  }
  closeWindow(state.sampler, state.now - LINGER_NS, state.verdict);
  if (state.now - state.storiesLookedAt < STORY_PERIOD_NS) return;
  state.storiesLookedAt = state.now;
  closeIdle(state.library, state.now);
  tellStories(state, state.now - state.holdNs);
  forgetOld(state.library, state.now);
}

function isTight(state: State): boolean {
  return state.options.tight?.() === true;
}

function keep(state: State, trace: Trace): void {
  state.kept.add(trace.trace);
  if (state.kept.size > KEPT_MAX) {
    const oldest = state.kept.values().next();
    if (oldest.done !== true) state.kept.delete(oldest.value);
  }
  emitAll(state, trace);
}

/** Exports a trace, marked with the faults that touched it and linked to them. */
function emitAll(state: State, trace: Trace): void {
  const spans = requestSpans(state.options, trace);
  const rootAt = trace.root === undefined ? -1 : trace.records.indexOf(trace.root);
  for (const story of state.library.stories) {
    const touched = spans.filter((span, at) => {
      const onHost = story.hosts.includes(hostOf(trace.records[at].address));
      return onHost && wasActive(story, span.start, span.end);
    });
    if (touched.length === 0) continue;
    const root = rootAt < 0 ? undefined : spans[rootAt];
    for (const span of touched) markFault(span, story.faultId);
    if (root === undefined) continue;
    if (!touched.includes(root)) markFault(root, story.faultId);
    root.links.push(faultLink(state.options, story));
    const { traceId, spanId, name, start, end } = root;
    addSufferer(story, { traceId, spanId, name, start, end });
  }
  for (const span of spans) emit(state, span);
}

/** A span touched by several faults is found by each: collectors search events as they do attributes. */
function markFault(span: Span, faultId: string): void {
  const attributes = { 'orrery.fault.id': faultId };
  if (span.attributes['orrery.fault.id'] === undefined) Object.assign(span.attributes, attributes);
  else span.events.push({ time: span.start, name: 'fault', attributes });
}

/** Tells the phases that closed at or before `until`, ns; by then every request that they link to has been judged. */
function tellStories(state: State, until: number): void {
  for (const story of state.library.stories) {
    tellBeginning(state.library, story, state.now);
    if (story.over <= state.now) tellImpacts(state.library, story, story.over);
    if (story.closed.length === 0) continue;
    for (const span of takePhaseSpans(state.options, story, until)) {
      state.counts.made++;
      emit(state, span);
    }
  }
}

function emit(state: State, span: Span): void {
  state.counts.emitted++;
  state.options.emit(span);
}

function finish(state: State, now: number): void {
  advance(state, now);
  for (;;) {
    const trace = takeAny(state.assembler);
    if (trace === undefined) break;
    judge(state.sampler, trace, state.verdict, false);
  }
  for (const trace of takeOpenJobs(state.provisioning)) judgeJob(state, trace);
  keepCandidates(state.sampler, state.verdict);
  closeIdle(state.library, Infinity);
  for (const [key, { phase }] of state.library.open) {
    phase.attributes['orrery.open'] = true;
    closePhase(state.library, key, state.now);
  }
  for (const story of state.library.stories)
    tellImpacts(state.library, story, Math.min(story.over, state.now));
  tellStories(state, Infinity);
}
