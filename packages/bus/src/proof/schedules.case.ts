/** Checks of the window protocol over many seeded schedules. */
import type { BoundaryClosed, FactRecord } from '@orrery/proto';
import type { Mutation } from './broker.case.ts';
import { runAlone } from './toy.case.ts';
import { Violation, World } from './world.case.ts';

export interface Schedules {
  first: number;
  count: number;
  mutation?: Mutation | undefined;
  /** Steps with faults of each; drawn when left out. */
  chaos?: number;
  /** Called after each schedule. */
  onDone?: (done: number) => void;
}

export interface SchedulesSummary {
  schedules: number;
  windows: number;
  facts: number;
  commands: number;
  kills: number;
  brokerKills: number;
  lost: number;
  repeated: number;
  refused: number;
  epochs: number;
  purges: number;
  steps: number;
}

/** Runs schedules until one is violated. @throws Violation that names the seed */
export function runSchedules({ first, count, mutation, chaos, onDone }: Schedules): SchedulesSummary {
  const sum: SchedulesSummary = {
    schedules: 0,
    windows: 0,
    facts: 0,
    commands: 0,
    kills: 0,
    brokerKills: 0,
    lost: 0,
    repeated: 0,
    refused: 0,
    epochs: 0,
    purges: 0,
    steps: 0,
  };
  for (let seed = first; seed < first + count; seed++) {
    const world = worldOf(seed, mutation, chaos);
    sum.schedules++;
    sum.windows += world.windows.size;
    sum.commands += world.answered.size;
    sum.facts += world.facts.length;
    for (const key of Object.keys(world.counts) as (keyof World['counts'])[]) sum[key] += world.counts[key];
    onDone?.(sum.schedules);
  }
  return sum;
}

function worldOf(seed: number, mutation: Mutation | undefined, chaos: number | undefined): World {
  const world = new World({ seed, mutation, ...(chaos === undefined ? {} : { chaos }) });
  try {
    world.run();
    checkBoundaries(world);
    checkFacts(world);
    return world;
  } catch (error) {
    throw new Violation(`schedule ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

/** One boundary message each, in order; every command in one of them, every answered one surely. */
function checkBoundaries({ broker, answered, rules }: World): void {
  const stamps = new Map<string, number>();
  broker.boundaries.forEach((message, at) => {
    if (message.number !== at + 1)
      throw new Violation(`boundary message ${message.number} is stored as ${at + 1}th`);
    if (message.boundary % rules.controlWindowNs !== 0) throw new Violation(`boundary ${message.boundary}`);
    for (const { command } of message.commands) {
      const request = command?.requestId ?? '';
      if (stamps.has(request)) throw new Violation(`request ${request} is stored twice`);
      stamps.set(request, message.boundary);
    }
  });
  for (const [request, boundary] of answered)
    if (stamps.get(request) !== boundary)
      throw new Violation(`request ${request} was answered and is not stored`);
}

/** Readers that drop what they have see every fact once, and the facts of a run in one process. */
function checkFacts({ broker, facts, toyRules, rules }: World): void {
  const alone = runAlone(toyRules, rules.endNs, broker.boundaries as BoundaryClosed[]);
  const expected = new Map(alone.map((fact) => [`${fact.actor}:${fact.n}`, fact]));
  const seen = new Set<string>();
  for (const fact of facts) {
    const key = `${fact.actor}:${fact.n}`;
    const other = expected.get(key);
    if (other === undefined) throw new Violation(`fact ${key} happens only in many processes`);
    if (!sameFact(fact, other)) throw new Violation(`fact ${key} at ${fact.time}, alone at ${other.time}`);
    seen.add(key);
  }
  if (seen.size !== expected.size) throw new Violation(`${expected.size - seen.size} facts are missing`);
}

function sameFact(a: FactRecord, b: FactRecord): boolean {
  return a.time === b.time && a.kind === b.kind;
}
