/**
 * When: how long until a subject is back, from forks of the run that know no more than the moment does.
 *
 * Rules. 1. What a person may do later is not known to any fork. When only a person can help, that is the answer.
 *        2. The interval is of order statistics: it holds the true time as often as it says.
 *        3. No fork is begun once the time is up: how many ran is said, and with too few there is no interval.
 *        4. Forks stop at recovery; the first few that all wait for a person speak for the rest.
 */
import { formatNs } from '@orrery/spec';
import type { FactIndex } from '../fact-index.ts';
import type { Subject } from '../subject.ts';
import { downChain } from '../down.ts';
import { partOf } from '../words.ts';
import { partName } from '../part-name.ts';
import { runFork, withoutBystanders, type ForkResult, type Moment, type SnapshotCodec } from './fork.ts';
import { goalOf, type Goal } from './goal.ts';
import { bringBack, newDisks } from './pool-goal.ts';
import { intervalOf, medianOf } from './order-statistics.ts';

export interface WhenAnswer {
  question: 'when';
  subject: Subject;
  at: number;
  verdict: 'up' | 'back' | 'person' | 'late';
  /** What it will be: `multi-user`, `running`, `resilvered`, `up`. */
  goal: string;
  forks: number;
  /** From the moment asked about, ns; undefined unless it comes back by itself. */
  medianNs: number | undefined;
  lowNs: number | undefined;
  highNs: number | undefined;
  /** Probability with which low to high holds the true time. */
  coverage: number | undefined;
  /** What it waits for, with median durations, ns. */
  phases: { name: string; ns: number }[];
  /** The zones of a node: how many, and how long after it they are up, ns. */
  zones: { count: number; ns: number } | undefined;
  /** What only a person can do; '' when nobody is waited for. */
  person: string;
  notes: string[];
}

export interface WhenOptions {
  /** Facts up to the moment. */
  index: FactIndex;
  subject: Subject;
  moment: () => Moment;
  codec: SnapshotCodec;
  forks?: number;
  horizonNs?: number;
  /** Asked before each fork but the first: whether the time for more has run out. Default: never. */
  late?: () => boolean;
  /** Told after each fork. */
  progress?: (done: number) => void;
}

export const FORKS = 40;
const HORIZON_NS = 7_200_000_000_000;
const LEVEL = 0.9;
/** Fewer than so many, when more were wanted and there was no time, make no interval. */
const INTERVAL_FORKS = 10;
const NO_INTERVAL = { low: undefined, high: undefined, coverage: undefined };
/** Time after which no fork is begun, ms: who asks in the night does not wait for the fortieth. */
export const FORKS_MS = 30_000;
/** Forks that all wait for a person before the rest is spared. */
const PERSON_FORKS = 3;

export function when(options: WhenOptions): WhenAnswer {
  const { index, subject } = options;
  const goal = goalOf(index, subject);
  if (goal === undefined) return plain(options, 'up', 'up');
  const { watch } = goal;
  if (watch === undefined) return { ...plain(options, 'person', goal.word), person: goal.person, phases: [] };
  const moment = withoutBystanders(options.moment(), goal.bootsNode, options.codec);
  const results = runForks(moment, watch, options);
  const back = results.filter(({ outcome }) => outcome === 'back');
  if (back.length * 2 <= results.length) {
    const verdict = results.some(({ outcome }) => outcome === 'person') ? 'person' : 'late';
    return {
      ...plain(options, verdict, goal.word),
      forks: results.length,
      person: verdict === 'person' ? personOf(index, goal, results[0]?.watch.broken ?? []) : '',
    };
  }
  return { ...summary(options, goal, results, back), notes: notesOf(index, subject) };
}

function runForks(moment: Moment, watch: NonNullable<Goal['watch']>, options: WhenOptions): ForkResult[] {
  const wanted = options.forks ?? FORKS;
  const settings = { decode: options.codec.decode, horizonNs: options.horizonNs ?? HORIZON_NS };
  const results: ForkResult[] = [];
  for (let number = 0; number < wanted; number++) {
    results.push(runFork(moment, number, watch(), settings));
    options.progress?.(results.length);
    if (options.late?.() === true) break;
    if (results.length === PERSON_FORKS && results.every(({ outcome }) => outcome === 'person')) break;
  }
  return results;
}

function summary(
  options: WhenOptions,
  goal: Goal,
  results: readonly ForkResult[],
  back: readonly ForkResult[],
): WhenAnswer {
  const { index } = options;
  const at = index.until;
  const times = results.map(({ outcome, watch }) =>
    outcome === 'back' ? (watch.backAt ?? at) - at : Infinity,
  );
  const cut = results.length < Math.min(INTERVAL_FORKS, options.forks ?? FORKS);
  const { low, high, coverage } = cut ? NO_INTERVAL : intervalOf(times, LEVEL);
  const whole = back.every(({ watch }) => watch.whole);
  const zones = back.flatMap(({ watch }) =>
    watch.zonesAt === undefined ? [] : [watch.zonesAt - (watch.backAt ?? at)],
  );
  return {
    ...plain(options, 'back', whole && goal.word === 'resilvered' ? 'ONLINE' : goal.word),
    forks: results.length,
    medianNs: medianOf(times),
    lowNs: low,
    highNs: high,
    coverage,
    phases: phasesOf(at, back),
    zones: goal.zones > 0 && zones.length > 0 ? { count: goal.zones, ns: medianOf(zones) } : undefined,
    person: whole ? '' : personOf(index, goal, back[0]?.watch.broken ?? []),
  };
}

/** Who is needed once a fork has shown which disk it is about. */
function personOf(index: FactIndex, goal: Goal, broken: readonly string[]): string {
  const disks = index.datacenter.nodes.flatMap(({ address, disks: list }) =>
    list.map(({ name }) => `${address}/disk/${name}`),
  );
  const named = broken
    .map((name) => disks.find((disk) => disk === `${goal.node}/disk/${name}`))
    .filter((disk) => disk !== undefined);
  if (named.length === 0) return goal.person;
  return goal.bootsNode === '' ? newDisks(named) : bringBack(goal.node, named);
}

/** Median of the time in phases of each name, in the order of the first fork. */
function phasesOf(at: number, back: readonly ForkResult[]): { name: string; ns: number }[] {
  const lengths = new Map<string, number[]>();
  for (const { watch } of back) {
    let begun = at;
    const sums = new Map<string, number>();
    for (const phase of watch.phases) {
      sums.set(phase.name, (sums.get(phase.name) ?? 0) + phase.at - begun);
      begun = phase.at;
    }
    for (const [name, sum] of sums) lengths.set(name, [...(lengths.get(name) ?? []), sum]);
  }
  return [...lengths].map(([name, list]) => ({ name, ns: medianOf(list) }));
}

/** What will happen again if nobody sees to it. */
function notesOf(index: FactIndex, subject: Subject): string[] {
  const noticed = downChain(index, subject).find((fact) => fact.kind === 'ereportPosted');
  if (noticed === undefined) return [];
  const part = partOf(noticed);
  if (!part.includes('/dimm/')) return [];
  return [`${partName(part)} erred: it should be replaced (dimm.replace ${part}).`];
}

function plain({ index, subject }: WhenOptions, verdict: WhenAnswer['verdict'], goal: string): WhenAnswer {
  return {
    question: 'when',
    subject,
    at: index.until,
    verdict,
    goal,
    forks: 0,
    medianNs: undefined,
    lowNs: undefined,
    highNs: undefined,
    coverage: undefined,
    phases: [],
    zones: undefined,
    person: '',
    notes: [],
  };
}

/** The answer as lines of text. */
export function whenLines(answer: WhenAnswer): string[] {
  const { subject, verdict, person } = answer;
  if (verdict === 'up') return [`${subject.name} is up: there is nothing to wait for.`];
  if (verdict === 'person') return [`${subject.name} will not be back by itself: it waits for ${person}.`];
  if (verdict === 'late')
    return [`${subject.name} is not back within ${formatNs(HORIZON_NS)} in most of ${answer.forks} forks.`];
  return backLines(answer);
}

function backLines(answer: WhenAnswer): string[] {
  const {
    subject,
    goal,
    medianNs = 0,
    lowNs = 0,
    highNs = 0,
    coverage = 0,
    forks,
    zones,
    phases,
    person,
  } = answer;
  const high = highNs === Infinity ? 'not at all' : formatNs(second(highNs));
  const interval = `${Math.round(coverage * 100)} %: ${formatNs(second(lowNs))} to ${high}; ${forks} forks`;
  const range = answer.lowNs === undefined ? `${forks} forks: too few in the time for an interval` : interval;
  const others =
    zones === undefined
      ? ''
      : `, and its ${zones.count === 1 ? 'zone' : `${zones.count} zones`} up ${formatNs(second(zones.ns))} later`;
  const waits = phases.map(({ name, ns }) => `${name} ${formatNs(second(ns))}`);
  if (zones !== undefined) {
    const which = zones.count === 1 ? 'its zone booting' : `all ${zones.count} zones booting at once`;
    waits.push(`${which} ${formatNs(second(zones.ns))}`);
  }
  const but = person === '' ? '' : ', but not whole without a person';
  const lines = [
    `${subject.name} will be ${goal} in ${formatNs(second(medianNs))}${but} (${range})${others}.`,
  ];
  if (waits.length > 0) lines.push(`  waits for: ${waits.join(' · ')}`);
  lines.push(
    person === '' ? 'Nothing is waiting for a person.' : `After that it waits for a person: ${person}.`,
  );
  return [...lines, ...answer.notes];
}

/** Whole seconds from ten seconds on: the rest is chance. */
function second(ns: number): number {
  return ns < 10e9 ? ns : Math.round(ns / 1e9) * 1e9;
}
