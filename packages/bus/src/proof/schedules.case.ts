/** Checks of the window protocol over many seeded schedules. */
import type { BoundaryClosed, FactRecord } from '@orrery/proto';
import { mergeFacts, newFactMerge } from '../window/index.ts';
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

/** Put together, the facts are those of a run in one process, in its order, each once, and every command is there. */
function checkFacts({ broker, toyRules, rules }: World): void {
  const alone = runAlone(toyRules, rules.endNs, broker.boundaries as BoundaryClosed[]);
  const merge = newFactMerge(toyRules.shards);
  const windows = broker.facts.flatMap((batch) => mergeFacts(merge, batch));
  if (merge.next !== rules.endNs)
    throw new Violation(`facts are whole up to ${merge.next}, the run ends at ${rules.endNs}`);
  const facts = windows.flatMap((window) => window.facts);
  for (const [at, fact] of alone.entries()) {
    const said = facts[at];
    if (said === undefined) throw new Violation(`${alone.length - at} facts are missing`);
    if (!sameFact(fact, said))
      throw new Violation(
        `fact ${fact.actor}:${fact.n} at ${fact.time} is ${said.actor}:${said.n} at ${said.time}`,
      );
  }
  if (facts.length > alone.length)
    throw new Violation(`${facts.length - alone.length} facts happen only in many processes`);
  const commands = windows.flatMap((window) => window.commands).length;
  const stored = broker.boundaries.flatMap((message) => message.commands).length;
  if (commands !== stored) throw new Violation(`${stored} commands are stored, ${commands} are told`);
}

function sameFact(a: FactRecord, b: FactRecord): boolean {
  return a.actor === b.actor && a.n === b.n && a.time === b.time && a.kind === b.kind;
}
