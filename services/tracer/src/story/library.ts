/** The stories of a run: which story a fact belongs to, and opening and closing of their phases. */
import type { FactRef } from '@orrery/proto';
import { hostOf } from '../address.ts';
import type { Attributes, SpanService } from '../span.ts';
import type { ObservedFact } from './fact.ts';
import type { Baselines } from './impact.ts';
import { addEvent, createStory, type Phase, type Story } from './story.ts';

/** Facts remembered as causes; those older are reached by place only. */
const CAUSES_MAX = 65_536;
/** Commands remembered until their effect shows. */
const COMMANDS_MAX = 256;
/** A phase of repeated facts closes when none came for this long, ns. */
export const REPEAT_IDLE_NS = 30_000_000_000;

/** Stories that requests are compared with; more of them are forgotten once they are over. */
const STORIES_MAX = 200;
/** And have been for so long, ns. */
const FORGET_NS = 60_000_000_000;

export interface Library {
  stories: Story[];
  /** Story of each fact that a later one may name as its cause, oldest first. */
  causes: Map<string, Story>;
  /** Story and phase of each key that is open. */
  open: Map<string, { story: Story; phase: Phase }>;
  /** Nodes behind a switch or a cable, by its address. */
  reach: ReadonlyMap<string, readonly string[]>;
  /** Names of VMs by UUID. */
  aliases: ReadonlyMap<string, string>;
  /** Commands that may still cause something, by what causes name. */
  commands: Map<string, ObservedFact<'commandAccepted'>>;
  /** What zones served lately. */
  baselines: Baselines;
}

export interface PhaseStart {
  key: string;
  service: SpanService;
  name: string;
  time: number;
  host?: string;
  within?: string;
  attributes?: Attributes;
  error?: string;
}

export function createLibrary(
  reach: ReadonlyMap<string, readonly string[]> = new Map(),
  aliases: ReadonlyMap<string, string> = new Map(),
): Library {
  const maps = { causes: new Map(), open: new Map(), commands: new Map(), baselines: new Map() };
  return { stories: [], ...maps, reach, aliases };
}

function causeKey(ref: FactRef): string {
  return `${ref.actor}#${ref.n}`;
}

/** Remembers a command for the fact that it causes. */
export function noteCommand(library: Library, fact: ObservedFact<'commandAccepted'>): void {
  library.commands.set(causeKey(fact), fact);
  if (library.commands.size <= COMMANDS_MAX) return;
  const oldest = library.commands.keys().next();
  if (oldest.done !== true) library.commands.delete(oldest.value);
}

/** Tells the command that a fact names as its cause: the head node took it and handed it on at its boundary. */
export function tellCommand(library: Library, story: Story, fact: ObservedFact): void {
  const command = library.commands.get(causeKey(fact.cause));
  if (command === undefined) return;
  const { kind, text, askedBy } = command.payload;
  const attributes = { 'orrery.command': text, 'orrery.asked_by': askedBy };
  const start = {
    key: 'command',
    service: 'headnode' as const,
    name: `command ${kind}`,
    time: fact.time,
    attributes,
  };
  tellPoint(library, story, start, Math.min(command.time, fact.time));
}

export function beginStory(library: Library, fact: ObservedFact<'faultInjected'>): Story {
  const { faultId, kind, target } = fact.payload;
  const host = hostOf(target);
  const hosts = host === '' ? [...(library.reach.get(target) ?? [])] : [host];
  const story = createStory(faultId, kind, target, fact.time, hosts);
  library.stories.push(story);
  return story;
}

/** Story of the fact's cause. */
export function storyByCause(library: Library, fact: ObservedFact): Story | undefined {
  return library.causes.get(causeKey(fact.cause));
}

/** Story that has one of these phases open; the first key counts most. */
export function storyByPhase(library: Library, keys: readonly string[]): Story | undefined {
  for (const key of keys) {
    const found = library.open.get(key);
    if (found !== undefined) return found.story;
  }
  return undefined;
}

/** Latest active story that suits. */
export function storyWhere(library: Library, suits: (story: Story) => boolean): Story | undefined {
  return library.stories.findLast((story) => story.over === Infinity && suits(story));
}

/** From here on, what this fact causes belongs to the story. */
export function remember(library: Library, fact: ObservedFact, story: Story): void {
  if (!library.stories.includes(story)) library.stories.push(story);
  library.causes.set(causeKey(fact), story);
  if (library.causes.size <= CAUSES_MAX) return;
  const oldest = library.causes.keys().next();
  if (oldest.done !== true) library.causes.delete(oldest.value);
}

/** Opens a phase; one that is open under the key is closed first. */
export function openPhase(library: Library, story: Story, start: PhaseStart): Phase {
  closePhase(library, start.key, start.time);
  const phase: Phase = {
    key: start.key,
    service: start.service,
    name: start.name,
    host: start.host ?? '',
    start: start.time,
    end: -1,
    touched: start.time,
    repeated: false,
    within: start.within === undefined ? undefined : library.open.get(start.within)?.phase,
    ordinal: ++story.phases,
    error: start.error ?? '',
    attributes: start.attributes ?? {},
    events: [],
  };
  story.open.set(start.key, phase);
  story.over = Infinity;
  library.open.set(start.key, { story, phase });
  return phase;
}

/** Closes the open phase of a key at `time`, ns. @returns the phase, or undefined when none was open */
export function closePhase(library: Library, key: string, time: number): Phase | undefined {
  const found = library.open.get(key);
  if (found === undefined) return undefined;
  const { story, phase } = found;
  library.open.delete(key);
  story.open.delete(key);
  phase.end = Math.max(time, phase.start);
  story.closed.push(phase);
  settle(story, phase.end);
  return phase;
}

/** A phase that begins and ends here. @param from its start, when that was earlier than `start.time` */
export function tellPoint(library: Library, story: Story, start: PhaseStart, from = start.time): Phase {
  const phase = openPhase(library, story, { ...start, key: `${start.key}!${story.phases}`, time: from });
  closePhase(library, phase.key, start.time);
  return phase;
}

/** Opens or goes on with a phase made of repeated facts. */
export function touchPhase(
  library: Library,
  story: Story,
  start: PhaseStart,
  count: number,
  what: string,
): Phase {
  const found = library.open.get(start.key);
  const phase = found?.phase ?? openPhase(library, story, start);
  phase.repeated = true;
  phase.touched = start.time;
  phase.attributes['smartos.count'] = Number(phase.attributes['smartos.count'] ?? 0) + count;
  addEvent(phase, { time: start.time, name: what, attributes: { 'smartos.count': count } });
  return phase;
}

/** Closes phases of repeated facts that ceased REPEAT_IDLE_NS before `now`; all of them when `now` is Infinity. */
export function closeIdle(library: Library, now: number): void {
  for (const [key, { phase }] of library.open) {
    if (phase.repeated && now - phase.touched > REPEAT_IDLE_NS) closePhase(library, key, phase.touched);
  }
}

export function markFixed(story: Story, time: number): void {
  story.fixed = true;
  settle(story, time);
}

/** Forgets the oldest stories that are over and told, when there are many; a fact that one of them causes brings it back. */
export function forgetOld(library: Library, now: number): void {
  if (library.stories.length <= STORIES_MAX) return;
  const old = library.stories.findIndex(
    (story) => story.over + FORGET_NS < now && story.closed.length === 0 && story.impacts.size === 0,
  );
  if (old >= 0) library.stories.splice(old, 1);
}

function settle(story: Story, time: number): void {
  if (story.fixed && story.open.size === 0) story.over = time;
}
