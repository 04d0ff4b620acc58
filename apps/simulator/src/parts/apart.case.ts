/** A scenario in parts over the local bus, all in this process: for tests of what must not depend on who runs what. */
import { deserialize, serialize } from 'node:v8';
import { setTimeout } from 'node:timers/promises';
import { localBus } from '@orrery/bus';
import { drive, type Driven } from '@orrery/bus/drive';
import type { BoundaryClosed } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import type { OutsideCommand } from '../simulation.ts';
import { placeAll } from '../services.ts';
import { gatherer } from './gather.ts';
import { ClosingPart } from './closing-part.ts';
import { createPart } from './part.ts';
import { assignShards, planShards, type ReplicaCounts } from './shards.ts';

/** A command from outside, and the boundary at which it comes, ns. */
export interface Asked extends OutsideCommand {
  at: number;
}

export interface ApartOptions {
  counts?: ReplicaCounts;
  asked?: readonly Asked[];
  /** Replicas that are ended and started again when a boundary at or after this time (ns) is to be closed. */
  restarts?: readonly { at: number; replica: string }[];
  /** Is given what every shard saved, the headnode's among them, once the run is over. */
  onSaved?: (boundary: number, shards: readonly Uint8Array[]) => void;
}

/** @returns 16 hex digits over every fact of every replica, each once */
export async function digestApart(
  scenario: Scenario,
  seed: number,
  { counts = {}, asked = [], restarts = [], onSaved }: ApartOptions = {},
): Promise<string> {
  const bus = localBus();
  const driven = new Map<string, Driven>();
  const stops: string[] = [];
  const saved = new Map<number, number>();
  const toAsk = [...asked];
  const toRestart = [...restarts];
  let closing: ClosingPart | undefined;
  let processes = 0;
  const options = {
    scenario,
    seed,
    encode: (value: unknown) => new Uint8Array(serialize(value)),
    decode: (bytes: Uint8Array) => deserialize(bytes) as unknown,
  };
  const start = async (replica: string): Promise<void> => {
    const closes = replica === 'headnode';
    if (closes) closing = new ClosingPart(options);
    const { simulation } = closes ? (closing as ClosingPart).part : createPart(options);
    const { lookaheadNs, controlWindowNs } = scenario.datacenter;
    const common = {
      run: 'apart',
      replica,
      process: `${replica}#${processes++}`,
      rules: { lookaheadNs, controlWindowNs, endNs: scenario.durationNs },
    };
    const listener = {
      onEnd: () => undefined,
      onStop: (code: string, detail: string) => void stops.push(`${code} ${detail}`),
      onStored: ({ number, boundary, snapshot }: BoundaryClosed) => {
        if (snapshot) saved.set(number, boundary);
      },
    };
    driven.set(replica, await drive(await bus.open(replica), { ...common, closes, simulation, listener }));
  };
  const restart = async (at: number): Promise<boolean> => {
    const [next] = toRestart;
    if (next === undefined || next.at > at) return false;
    toRestart.shift();
    await driven.get(next.replica)?.close();
    await start(next.replica);
    return true;
  };
  const plan = planShards(placeAll(scenario.datacenter));
  const members = assignShards(plan, counts);
  for (const { replica } of members) await start(replica);
  const head = (): Driven['runner'] => (driven.get('headnode') as Driven).runner;
  while (head().replica.phase !== 'ended' && stops.length === 0) {
    await setTimeout(1);
    const { closing: to } = head();
    if (to === undefined || (await restart(to.boundary))) continue;
    while (toAsk.length > 0 && toAsk[0].at <= to.boundary) closing?.submit(toAsk.shift() as Asked);
    closing?.close(head(), () => (to.number === 1 ? members : undefined), {
      hold: toAsk.length > 0,
    });
  }
  if (stops.length > 0) throw new Error(stops.join('\n'));
  const reader = await bus.open('reader');
  while (!head().isOver(await reader.pointers())) await setTimeout(1);
  const gathered = gatherer({ scenario, onFact: () => undefined });
  for (const batch of (await reader.readFacts(0)).batches) gathered.add(batch);
  if (gathered.upTo < scenario.durationNs) throw new Error(`what was said ends at ${gathered.upTo} ns`);
  for (const [number, boundary] of onSaved === undefined ? [] : saved) {
    const shards = await Promise.all(plan.services.map((_, shard) => reader.savedShard(number, shard)));
    onSaved?.(boundary, shards as Uint8Array[]);
  }
  for (const { close } of driven.values()) await close();
  return gathered.digest();
}
