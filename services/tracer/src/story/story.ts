/**
 * Story is what one fault did, phase by phase, told from facts; it does not ask what any part of the datacenter feels.
 *
 * Why.       An operator looks at one trace and sees the injection, the diagnosis, the spare, the resilver and the repair,
 *            on the services that did them.
 * Intuition. A strip of phases that open and close: `node down` from a panic to multi-user, `case ZFS-8000-FD` from
 *            the suspect list to the repair.
 * Rules.     1. A phase has a key (what it is a phase of) and at most one phase of a key is open in all stories.
 *            2. A fact belongs to the story of its cause; a measurement (`…Served`) causes nothing.
 *            3. A fact with no cause in a story belongs to the story that has a phase open on the same part
 *               (`smartos.joined` says `place`).
 *            4. The root span is the injection and ends at once; phases are its children, each inside the phase it
 *               belongs to when it lies within it in time.
 *            5. A phase that is open at the run's end says `orrery.open`.
 * State.     One story a fault; its open phases, its closed ones until they are told, and its ereports not yet diagnosed.
 */
import type { Attributes, SpanEvent, SpanService } from '../span.ts';
import type { Impact } from './impact.ts';

export interface Phase {
  key: string;
  service: SpanService;
  name: string;
  /** Host on which it happens; '' for none. */
  host: string;
  /** ns. */
  start: number;
  /** ns; -1 while it is open. */
  end: number;
  /** Last time that it was touched, ns; a phase made of repeated facts closes there when they cease. */
  touched: number;
  repeated: boolean;
  /** The phase that holds it. */
  within: Phase | undefined;
  /** Running number in the story, from 1. */
  ordinal: number;
  error: string;
  attributes: Attributes;
  events: SpanEvent[];
}

/** A kept request that ran on the fault's hosts while it was active. */
export interface Sufferer {
  traceId: string;
  spanId: string;
  name: string;
  start: number;
  end: number;
}

export interface Ereport {
  time: number;
  class: string;
  detector: string;
  count: number;
}

export interface Story {
  faultId: string;
  kind: string;
  target: string;
  /** When the fault was injected, ns. */
  start: number;
  /** Hosts that it takes, in order of discovery. */
  hosts: string[];
  /** Whether it was reverted, or its part repaired. */
  fixed: boolean;
  /** When its last phase closed after the fix, ns; Infinity before. */
  over: number;
  phases: number;
  open: Map<string, Phase>;
  closed: Phase[];
  ereports: Ereport[];
  sufferers: Sufferer[];
  /** Whether what its first seconds did to zones is told. */
  begun: boolean;
  /** How zones on its hosts serve, by address. */
  impacts: Map<string, Impact>;
  /** Parts of the trace that have their own root by now. */
  parts: number;
}

/** Events that one phase keeps; the count of all is an attribute. */
export const EVENTS_PER_PHASE_MAX = 32;

export function createStory(
  faultId: string,
  kind: string,
  target: string,
  start: number,
  hosts: string[],
): Story {
  return {
    faultId,
    kind,
    target,
    start,
    hosts,
    fixed: false,
    over: Infinity,
    phases: 0,
    open: new Map(),
    closed: [],
    ereports: [],
    sufferers: [],
    begun: false,
    impacts: new Map(),
    parts: 1,
  };
}

/** Whether the fault or a phase of its story was active at any time in [start, end], ns. */
export function wasActive(story: Story, start: number, end: number): boolean {
  return end >= story.start && start <= story.over;
}

/** Adds an event to a phase, or counts it when the phase has enough. */
export function addEvent(phase: Phase, event: SpanEvent): void {
  if (phase.events.length < EVENTS_PER_PHASE_MAX) phase.events.push(event);
  else phase.attributes['orrery.events.omitted'] = Number(phase.attributes['orrery.events.omitted'] ?? 0) + 1;
}
