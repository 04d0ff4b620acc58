import { deserialize, serialize } from 'node:v8';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ask, localBus, mergeFacts, newFactMerge } from '@orrery/bus';
import { drive, type Driven } from '@orrery/bus/drive';
import { MS, uniform } from '@orrery/kernel';
import { combineDigests, foldFact, newHash, type Hash64 } from '@orrery/log';
import { messageNumbers, type CommandRecord, type FactRecord } from '@orrery/proto';
import { encodeMessage } from '@orrery/proto/codec';
import {
  createHost,
  defineActor,
  WindowedHost,
  type Context,
  type HostOptions,
  type Service,
} from './index.ts';

interface Ball {
  hits: number;
}

/** Players throw balls to each other, tell the umpire, and have children that play on; some give up at random. */
function hit(ctx: Context, state: Ball, { name, number }: { name: string; number: number }): void {
  state.hits++;
  ctx.emit('syslogWritten', { text: `${name} ${number} ${Math.floor(uniform(ctx.stream('force')) * 1000)}` });
  if (number === 0) return;
  const next = `player-${(number + state.hits) % 4}`;
  const to = ctx.lookup(next);
  if (to !== undefined && to !== ctx.self)
    ctx.send(to, 'tick', { name, number: number - 1 }, ctx.now + 2 * MS + number);
  if (number % 3 === 0) ctx.send(ctx.lookup('umpire') ?? 0, 'tick', { name, number: 0 });
  if (number % 5 === 0)
    ctx.send(ctx.spawn('player', `child-${state.hits}`, {}), 'tick', { name: 'child', number: number - 2 });
  ctx.timer('rest', ctx.now + 3 * MS, 'tick', { name: 'rest', number: 0 });
  ctx.randomTimer('again', { kind: 'exponential', mean: 20 * MS }, 'again', 'tick', {
    name: 'again',
    number: 1,
  });
}

const player = defineActor<Ball, object>({
  name: 'player',
  service: 'compute-node',
  init: (ctx) => {
    if (ctx.address === 'player-0')
      ctx.send(ctx.lookup('player-1') ?? 0, 'tick', { name: 'serve', number: 12 });
    return { hits: 0 };
  },
  on: { tick: hit },
});
const umpire = defineActor<Ball, object>({
  name: 'umpire',
  service: 'headnode',
  init: () => ({ hits: 0 }),
  on: {
    tick: (ctx, state, { name }) => {
      state.hits++;
      ctx.emit('syslogWritten', { text: `umpire saw ${name}` });
      if (state.hits % 2 === 0) ctx.send(ctx.source, 'tick', { name: 'told', number: 4 });
    },
  },
});
const services: Service[] = [
  { name: 'compute-node', loose: false, kinds: [player] },
  { name: 'headnode', loose: true, kinds: [umpire] },
];
const rules = { lookaheadNs: MS, controlWindowNs: 10 * MS };
const END = 155 * MS;
const placements = [0, 1, 2, 3].map((i) => ({
  address: `player-${i}`,
  kind: 'player',
  locality: `court-${i}`,
  init: {},
}));
const options: HostOptions = {
  seed: 5,
  services,
  rules,
  placements: [...placements, { address: 'umpire', kind: 'umpire', locality: 'chair', init: {} }],
};
const shardOf = (locality: string): number => (locality.startsWith('court-') ? Number(locality.slice(6)) : 4);
const accepted = { kind: 'play', target: 'player-2', text: 'play', askedBy: 'test' };

function commandOf(target: number, requestId: string): CommandRecord {
  const kind = messageNumbers.tick;
  const payload = encodeMessage(kind, { name: requestId, number: 7 });
  return { n: 0, time: 0, kind, target, payload, text: 'play', askedBy: 'test', requestId, revertAt: 0 };
}

/** Plays over a bus in three processes; two of them start again, one gives its shards away. */
async function playApart(): Promise<FactRecord[]> {
  const bus = localBus();
  const driven = new Map<string, Driven>();
  const stops: string[] = [];
  const start = async (replica: string): Promise<void> => {
    const simulation = new WindowedHost({
      ...options,
      shardOf,
      isLoose: (shard) => shard === 4,
      acceptedOf: () => accepted,
      encode: (value) => new Uint8Array(serialize(value)),
      decode: (bytes) => deserialize(bytes) as unknown,
    });
    const listener = {
      onEnd: () => undefined,
      onStop: (code: string, detail: string) => void stops.push(`${code} ${detail}`),
    };
    const closes = replica === 'headnode';
    const common = {
      run: 'r',
      replica,
      process: `${replica}#${driven.size}.${stops.length}`,
      rules: { ...rules, endNs: END },
    };
    driven.set(replica, await drive(await bus.open(replica), { ...common, closes, simulation, listener }));
  };
  for (const replica of ['a-0', 'a-1', 'headnode']) await start(replica);
  const head = driven.get('headnode') as Driven;
  const { runner } = head;
  while (runner.replica.phase !== 'ended' && stops.length === 0) {
    await setTimeout(1);
    if (runner.closing === undefined) continue;
    const { number } = runner.closing;
    const first = number < 5 ? [0, 1] : number < 9 ? [0, 1, 2, 3] : [3];
    const second = [0, 1, 2, 3].filter((shard) => !first.includes(shard));
    const members = [
      { replica: 'a-0', loose: false, shards: first },
      { replica: 'a-1', loose: false, shards: second },
      { replica: 'headnode', loose: true, shards: [4] },
    ].filter(({ shards }) => shards.length > 0);
    if (number === 4) ask(runner.closer, { command: commandOf(3 * 1_048_576, 'more'), own: false, shard: 2 });
    runner.close({
      hold: true,
      snapshot: number % 3 === 0,
      ...([1, 5, 9].includes(number) ? { members } : {}),
    });
    if (number !== 7 && number !== 11) continue;
    await driven.get('a-0')?.close();
    await start('a-0');
  }
  expect(stops).toEqual([]);
  const reader = await bus.open('reader');
  while (!runner.isOver(await reader.pointers())) await setTimeout(1);
  const facts: FactRecord[] = [];
  const merge = newFactMerge(5);
  for (const batch of (await reader.readFacts(0)).batches)
    for (const window of mergeFacts(merge, batch)) facts.push(...window.facts);
  for (const { close } of driven.values()) await close();
  return facts;
}

function digestOf(facts: readonly FactRecord[]): string {
  const table = new Map<number, Hash64>();
  for (const fact of [...facts].sort((a, b) => a.actor - b.actor || a.n - b.n)) {
    const hash = table.get(fact.actor) ?? newHash();
    table.set(fact.actor, hash);
    foldFact(hash, fact);
  }
  return combineDigests(table);
}

describe('actors in several hosts', () => {
  test('have the facts and the digest of one host, through restarts and shards that move', async () => {
    const alone = createHost({ ...options, wire: true });
    alone.runUntil(30 * MS);
    alone.command(3 * 1_048_576, 'tick', { name: 'more', number: 7 }, accepted);
    alone.runUntil(END);
    const apart = await playApart();
    expect(alone.facts.length).toBeGreaterThan(100);
    const lines = (records: readonly FactRecord[]) =>
      records.map(({ actor, n, time, kind }) => `${actor}:${n} ${time} ${kind}`);
    expect(lines(apart)).toEqual(lines(alone.facts.map(({ record }) => record)));
    expect(digestOf(apart)).toBe(alone.digest());
  });
});
