/** Turns a story's root and closed phases into spans of one trace, with links to the requests that suffered. */
import { hostOf, serviceAt } from '../address.ts';
import { type RunIdentity, spanIdOf, traceIdOf } from '../ids.ts';
import { type Attributes, type Span, type SpanLink, SpanKind, SPANS_PER_TRACE_MAX } from '../span.ts';
import type { ObservedFact } from './fact.ts';
import type { Phase, Story, Sufferer } from './story.ts';

/** Slowest requests that one phase links to. */
const LINKS_PER_PHASE = 5;
/** Requests remembered by a story; a window's slowest come first, and the shortest goes when there are more. */
const SUFFERERS_MAX = 256;

function partId(run: RunIdentity, story: Story, part: number): string {
  return traceIdOf(run, 'fault', part === 0 ? story.faultId : `${story.faultId}/${part}`);
}

function rootId(run: RunIdentity, story: Story, part: number): string {
  return spanIdOf(run, 'fault', part === 0 ? story.faultId : `${story.faultId}/${part}`);
}

function phaseId(run: RunIdentity, story: Story, ordinal: number): string {
  return spanIdOf(run, 'phase', `${story.faultId}/${ordinal}`);
}

/** Link to the injection of a fault. */
export function faultLink(run: RunIdentity, story: Story): SpanLink {
  return {
    traceId: partId(run, story, 0),
    spanId: rootId(run, story, 0),
    attributes: { 'orrery.link': 'fault', 'orrery.fault.id': story.faultId },
  };
}

/** The injection: ends at once, since a span cannot be exported open. */
export function rootSpan(run: RunIdentity, story: Story, fact: ObservedFact<'faultInjected'>): Span {
  const attributes: Attributes = {
    ...faultAttributes(story),
    'orrery.fault.kind': story.kind,
    'orrery.fault.target': story.target,
    'orrery.asked_by': fact.payload.askedBy,
  };
  for (const { name, number, text } of fact.payload.params) {
    attributes[`orrery.fault.param.${name}`] = text === '' ? number : text;
  }
  const host = hostOf(story.target);
  if (host !== '') attributes['host.name'] = host;
  return {
    traceId: partId(run, story, 0),
    spanId: rootId(run, story, 0),
    parentSpanId: '',
    service: serviceAt(fact.address),
    name: `fault ${story.faultId} ${story.kind}`,
    kind: SpanKind.INTERNAL,
    start: story.start,
    end: story.start,
    error: '',
    attributes,
    events: [],
    links: [],
  };
}

function faultAttributes(story: Story): Attributes {
  return { 'orrery.fault.id': story.faultId };
}

function partOf(ordinal: number): number {
  return Math.floor(ordinal / SPANS_PER_TRACE_MAX);
}

/** Whether `outer` holds `inner` in time and trace; an open phase has no end yet. */
function holds(outer: Phase, inner: Phase): boolean {
  const inTime = outer.start <= inner.start && (outer.end < 0 || outer.end >= inner.end);
  return inTime && partOf(outer.ordinal) === partOf(inner.ordinal);
}

/**
 * Spans of the phases that closed, which leave the story; roots of further parts among them. Those that link to requests wait
 * until all requests that ended by `until` (ns) have been judged.
 */
export function takePhaseSpans(run: RunIdentity, story: Story, until: number): Span[] {
  const spans: Span[] = [];
  const waiting: Phase[] = [];
  for (const phase of story.closed) {
    if (phase.end > until && linksToRequests(phase)) {
      waiting.push(phase);
      continue;
    }
    while (story.parts <= partOf(phase.ordinal))
      spans.push(continuation(run, story, story.parts++, phase.start));
    spans.push(phaseSpan(run, story, phase));
  }
  story.closed = waiting;
  return spans;
}

/** fma and head node serve nobody; what has no length has no requests in it. */
function linksToRequests({ service, start, end }: Phase): boolean {
  return end > start && service !== 'fma' && service !== 'headnode';
}

function phaseSpan(run: RunIdentity, story: Story, phase: Phase): Span {
  const part = partOf(phase.ordinal);
  const parent =
    phase.within !== undefined && holds(phase.within, phase)
      ? phaseId(run, story, phase.within.ordinal)
      : rootId(run, story, part);
  const attributes: Attributes = { ...phase.attributes, ...faultAttributes(story) };
  if (phase.host !== '') attributes['host.name'] = phase.host;
  return {
    traceId: partId(run, story, part),
    spanId: phaseId(run, story, phase.ordinal),
    parentSpanId: parent,
    service: phase.service,
    name: phase.name,
    kind: SpanKind.INTERNAL,
    start: phase.start,
    end: phase.end,
    error: phase.error,
    attributes,
    events: phase.events,
    links: [faultLink(run, story), ...suffererLinks(story, phase)],
  };
}

/** Root of a further part of a story that is too long for one trace. */
function continuation(run: RunIdentity, story: Story, part: number, time: number): Span {
  return {
    traceId: partId(run, story, part),
    spanId: rootId(run, story, part),
    parentSpanId: '',
    service: serviceAt(story.target),
    name: `fault ${story.faultId} ${story.kind}, part ${part + 1}`,
    kind: SpanKind.INTERNAL,
    start: time,
    end: time,
    error: '',
    attributes: faultAttributes(story),
    events: [],
    links: [faultLink(run, story)],
  };
}

function suffererLinks(story: Story, phase: Phase): SpanLink[] {
  const links: SpanLink[] = [];
  if (!linksToRequests(phase)) return links;
  for (const sufferer of story.sufferers) {
    if (links.length === LINKS_PER_PHASE) break;
    if (sufferer.end < phase.start || sufferer.start > phase.end) continue;
    const attributes = {
      'orrery.link': 'suffered',
      'orrery.request': sufferer.name,
      'orrery.latency_ms': (sufferer.end - sufferer.start) / 1_000_000,
    };
    links.push({ traceId: sufferer.traceId, spanId: sufferer.spanId, attributes });
  }
  return links;
}

/** Remembers a kept request that the fault touched, slowest first. */
export function addSufferer(story: Story, sufferer: Sufferer): void {
  const list = story.sufferers;
  let at = list.length;
  while (at > 0 && list[at - 1].end - list[at - 1].start < sufferer.end - sufferer.start) at--;
  list.splice(at, 0, sufferer);
  if (list.length > SUFFERERS_MAX) list.pop();
}
