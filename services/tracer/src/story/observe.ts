/** Gives each fact to the story it belongs to. */
import type { FactKind } from '@orrery/proto';
import { hostOf, leafOf } from '../address.ts';
import type { ObservedFact } from './fact.ts';
import { observeServed } from './impact-phases.ts';
import {
  beginStory,
  type Library,
  noteCommand,
  remember,
  storyByCause,
  storyByPhase,
  storyWhere,
  tellCommand,
} from './library.ts';
import { computeNarrators, headnodeNarrators, netNarrators } from './machine-narrators.ts';
import {
  faultNarrators,
  fmaNarrators,
  type Narrator,
  type Narrators,
  poolKey,
  resilverKey,
  spareKey,
  storageNarrators,
  vdevKey,
} from './narrators.ts';
import type { Story } from './story.ts';

const narrators: Narrators = {
  ...faultNarrators,
  ...fmaNarrators,
  ...storageNarrators,
  ...computeNarrators,
  ...netNarrators,
  ...headnodeNarrators,
};

/** Facts that only measure; what comes after them is not because of them. */
const measurements: ReadonlySet<FactKind> = new Set<FactKind>([
  'zoneServed',
  'clientServed',
  'nodeServed',
  'diskServed',
  'linkServed',
  'txgSyncedFact',
]);

type Keys = { readonly [K in FactKind]?: (fact: ObservedFact<K>) => readonly string[] };

/** Phases that a fact goes on with or ends: what finds its story when its cause does not. */
const keysOf: Keys = {
  vdevStateChanged: (fact) => [vdevKey(fact.address, fact.payload), poolKey(fact.address, fact.payload.pool)],
  poolStateChanged: (fact) => [poolKey(fact.address, fact.payload.pool)],
  poolSuspendedFact: (fact) => [`suspended:${hostOf(fact.address)}:${leafOf(fact.payload.pool)}`],
  spareReturned: (fact) => [spareKey(fact.address, fact.payload)],
  resilverStarted: (fact) => [poolKey(fact.address, fact.payload.pool)],
  resilverProgressed: (fact) => [resilverKey(fact.address, fact.payload.pool)],
  resilverFinished: (fact) => [resilverKey(fact.address, fact.payload.pool)],
  poolWasImported: (fact) => [`node:${hostOf(fact.address)}`],
  nodeStateChanged: (fact) => [`node:${hostOf(fact.address)}`],
  nodePanicked: (fact) => [`node:${hostOf(fact.address)}`],
  zoneStateChanged: (fact) => [`zone:${fact.payload.uuid}`, `node:${hostOf(fact.address)}`],
  cpuStateChanged: (fact) => [`cpu:${hostOf(fact.address)}:${fact.payload.cpu}`],
  psuStateChanged: (fact) => [`psu:${hostOf(fact.address)}:${leafOf(fact.payload.psu)}`],
  suspectListed: (fact) => [
    ...new Set(fact.payload.suspects.map((suspect) => `ereports:${suspect.resource}`)),
  ],
  caseStateChanged: (fact) => [`case:${fact.payload.uuid}`],
  resourceRetired: (fact) => [`case:${fact.payload.caseUuid}`],
  fmdStateChanged: (fact) => [`fmd:${hostOf(fact.address)}`, `node:${hostOf(fact.address)}`],
  linkStateChanged: (fact) => [`link:${fact.payload.link}`],
  linkLossChanged: (fact) => [`loss:${fact.payload.link}`],
  switchStateChanged: (fact) => [`switch:${fact.payload.switch}`],
  serverStatusChanged: (fact) => [`server:${fact.payload.server}`, `node:${fact.payload.server}`],
};

function hasDetector(story: Story, host: string): boolean {
  return story.ereports.some((ereport) => hostOf(ereport.detector) === host);
}

/** Story by what the fact is about, when its cause is in none. */
function storyByPlace(library: Library, fact: ObservedFact): Story | undefined {
  const keys = (keysOf[fact.kind] as ((fact: ObservedFact) => readonly string[]) | undefined)?.(fact) ?? [];
  const found = storyByPhase(library, keys);
  if (found !== undefined) return found;
  if (is(fact, 'faultReverted'))
    return library.stories.find((story) => story.faultId === fact.payload.faultId);
  if (is(fact, 'partRepaired')) {
    const { target } = fact.payload;
    const same = storyWhere(library, (story) => story.target === target);
    return (
      same ?? storyWhere(library, (story) => story.hosts[0] === hostOf(target) && hostOf(story.target) !== '')
    );
  }
  if (is(fact, 'suspectListed'))
    return storyWhere(library, (story) => hasDetector(story, hostOf(fact.address)));
  if (is(fact, 'pathsChanged')) {
    return storyWhere(library, (story) => story.open.has(`paths:${story.faultId}`));
  }
  if (is(fact, 'serverStatusChanged')) {
    const { server } = fact.payload;
    return storyWhere(
      library,
      (story) => story.open.size > 0 && story.hosts.includes(server) && isOffNet(story),
    );
  }
  return undefined;
}

/** Whether something of the network is down in the story. */
function isOffNet(story: Story): boolean {
  for (const phase of story.open.values()) if (phase.service === 'net') return true;
  return false;
}

function is<K extends FactKind>(fact: ObservedFact, kind: K): fact is ObservedFact<K> & ObservedFact {
  return fact.kind === kind;
}

/**
 * Tells a fact to the story it belongs to.
 * @returns the story that begins with it, else undefined
 */
export function observe(library: Library, fact: ObservedFact): Story | undefined {
  if (is(fact, 'faultInjected')) {
    const begun = beginStory(library, fact);
    remember(library, fact, begun);
    tellCommand(library, begun, fact);
    return begun;
  }
  if (is(fact, 'commandAccepted')) noteCommand(library, fact);
  if (is(fact, 'zoneServed')) observeServed(library, fact);
  if (library.stories.length === 0 || measurements.has(fact.kind)) return undefined;
  const caused = storyByCause(library, fact);
  const story = caused ?? storyByPlace(library, fact);
  if (story === undefined) return undefined;
  remember(library, fact, story);
  const narrate = narrators[fact.kind] as Narrator<FactKind> | undefined;
  if (narrate === undefined) return undefined;
  const before = story.phases;
  if (is(fact, 'faultReverted') || is(fact, 'partRepaired')) tellCommand(library, story, fact);
  narrate(library, story, fact);
  if (caused === undefined) markJoined(story, before);
  return undefined;
}

/** Phases told by place rather than by cause say so. */
function markJoined(story: Story, before: number): void {
  for (const phase of story.open.values())
    if (phase.ordinal > before) phase.attributes['smartos.joined'] = 'place';
  for (let i = story.closed.length - 1; i >= 0 && story.closed[i].ordinal > before; i--) {
    story.closed[i].attributes['smartos.joined'] = 'place';
  }
}
