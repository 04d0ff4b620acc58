/** What every bus does, whatever carries it. */
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BoundaryClosed, FactRecord, RecordBatch, StampedCommand, WindowMessage } from '@orrery/proto';
import { drive, type Driven } from './adapters/drive.ts';
import type { Bus, BrokerInputs, OpenBroker } from './bus.ts';
import { runAlone, Toy, type ToyRules } from './proof/toy.case.ts';
import {
  ask,
  mergeFacts,
  newFactMerge,
  sameBytes,
  sameWindow,
  type Outgoing,
  type Stored,
} from './window/index.ts';

/** One run's fresh bus, and what lets it go. */
export interface BusPlace {
  bus: Bus;
  close(): Promise<void>;
}

/** Hears and remembers. */
class Ear implements BrokerInputs {
  readonly heard: Stored[] = [];
  readonly pages: { from: number; first: number; messages: readonly Stored[] }[] = [];
  readonly acknowledgedIds: string[] = [];
  readonly conflictedIds: string[] = [];
  readonly objects: [string, Uint8Array][] = [];
  readonly pointers: number[] = [];
  connections = 0;

  connected(): void {
    this.connections++;
  }
  receive(stored: Stored): void {
    this.heard.push(stored);
  }
  page(from: number, first: number, messages: readonly Stored[]): void {
    this.pages.push({ from, first, messages });
  }
  acknowledged(id: string): void {
    this.acknowledgedIds.push(id);
  }
  conflicted(id: string): void {
    this.conflictedIds.push(id);
  }
  objectGot(name: string, bytes: Uint8Array): void {
    this.objects.push([name, bytes]);
  }
  pointerMoved(number: number): void {
    this.pointers.push(number);
  }
  pointerRead(last: number, number: number): void {
    this.pointers.push(last, number);
  }
}

export function windowSaid(replica: string, n: number, bytes = new Uint8Array(8).fill(n)): Outgoing {
  const times = { start: n, end: n + 1, pending: 9, earliestSent: 9, earliestLoose: 9, promise: 9 };
  const window: WindowMessage = { epoch: 1, replica, n, ...times, batches: [{ shard: 3, bytes }] };
  return { id: `run:1:${replica}:${n}`, stream: 'windows', content: { window } };
}

function boundarySaid(number: number, headnode: string, expectedLast: number): Outgoing {
  const boundary: BoundaryClosed = {
    number,
    boundary: number * 50,
    epoch: 1,
    members: [],
    next: 0,
    floor: 0,
    hold: false,
    snapshot: false,
    commands: [],
    enablings: [],
    headnode,
  };
  return { id: `run:boundary:${number}:${headnode}`, stream: 'windows', content: { boundary }, expectedLast };
}

/** Waits for the bus, never for a time. */
export async function until(what: string, is: () => boolean, told = () => '', seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!is()) {
    if (performance.now() > end) throw new Error(`never came: ${what} ${told()}`);
    await setTimeout(5);
  }
}

/** Runs the contract for one kind of bus. */
export function describeBus(name: string, newPlace: () => Promise<BusPlace>): void {
  describe(`${name}: what is stored`, () => storing(newPlace));
  describe(`${name}: snapshots`, () => snapshots(newPlace));
  describe(`${name}: what the tracer is told`, () => tracing(newPlace));
  describe(`${name}: a run`, () => {
    test('gives the facts of one process, with commands, snapshots and replicas that come, go and start again', async () => {
      const place = await newPlace();
      await runOver(place.bus, ['tight-0', 'tight-1', 'tight-2', 'loose-0', 'headnode'], 1);
      await place.close();
    });
  });
}

function recordsSaid(number: number, givenUp = 0): Outgoing {
  const window = { from: 50 * number, upTo: 50 * (number + 1), shards: [0], events: 0, commands: [] };
  const facts = { ...window, facts: [], phases: [], sources: [], sequences: [] };
  const records = { facts, texts: [''], spans: [], givenUp };
  return { id: `run:a-0:records:${number}`, stream: 'records', content: { records } };
}

function tracing(newPlace: () => Promise<BusPlace>): void {
  const starts = (batches: readonly RecordBatch[]): number[] => batches.map(({ facts }) => facts?.from ?? -1);

  test('is read from any place on, once however often it was said, and let go of', async () => {
    const place = await newPlace();
    const broker = await place.bus.open('a-0');
    const ear = new Ear();
    await broker.listen(ear);
    for (let number = 1; number <= 100; number++) {
      broker.publish(recordsSaid(number));
      await until('acknowledgement', () => ear.acknowledgedIds.length === number);
    }
    broker.publish(recordsSaid(7, 3));
    await until('the same again', () => ear.acknowledgedIds.length === 101);
    const reader = await place.bus.open('tracer');
    const first = await reader.readRecords(0);
    const rest = await reader.readRecords(first.next);
    expect([first.gap, rest.gap]).toEqual([false, false]);
    expect(first.storedMs).toHaveLength(first.batches.length);
    for (const ms of first.storedMs) expect(ms === 0 || Math.abs(Date.now() - ms) < 60_000).toBe(true);
    expect([...starts(first.batches), ...starts(rest.batches)]).toEqual(
      Array.from({ length: 100 }, (_, at) => 50 * (at + 1)),
    );
    expect((await reader.readRecords(rest.next)).next).toBe(rest.next);
    await reader.purgeRecords(rest.next);
    broker.publish(recordsSaid(101));
    await until('one more', () => ear.acknowledgedIds.length === 102);
    expect(await reader.readRecords(rest.next)).toMatchObject({ gap: false, next: rest.next + 1 });
    const late = await reader.readRecords(0);
    expect([late.gap, starts(late.batches)]).toEqual([true, [5050]]);
    await reader.close();
    await broker.close();
    await place.close();
  });

  test('a reader finds what it kept last', async () => {
    const place = await newPlace();
    const one = await place.bus.open('tracer');
    expect(await one.keptState('tracer')).toBeUndefined();
    for (const byte of [1, 2]) await one.keepState('tracer', new Uint8Array(300_000).fill(byte));
    await one.close();
    const other = await place.bus.open('tracer');
    expect(await other.keptState('tracer')).toEqual(new Uint8Array(300_000).fill(2));
    await other.close();
    await place.close();
  });
}

function storing(newPlace: () => Promise<BusPlace>): void {
  let place: BusPlace;
  let a: { broker: OpenBroker; ear: Ear };
  let b: { broker: OpenBroker; ear: Ear };
  const open = async (replica: string): Promise<{ broker: OpenBroker; ear: Ear }> => {
    const [broker, ear] = [await place.bus.open(replica), new Ear()];
    await broker.listen(ear);
    return { broker, ear };
  };
  beforeEach(async () => {
    place = await newPlace();
    a = await open('a-0');
    b = await open('b-0');
  });
  afterEach(async () => {
    await a.broker.close();
    await b.broker.close();
    await place.close();
  });

  test('is heard by all, the sender too, whole, with its place in the stream', async () => {
    expect(a.ear.connections).toBe(1);
    a.broker.publish(windowSaid('a-0', 1));
    await until('window 1', () => a.ear.heard.length === 1 && b.ear.heard.length === 1);
    b.broker.publish(windowSaid('b-0', 1));
    await until('window 2', () => a.ear.heard.length === 2 && b.ear.heard.length === 2);
    expect(b.ear.heard).toEqual([
      { sequence: 1, content: windowSaid('a-0', 1).content },
      { sequence: 2, content: windowSaid('b-0', 1).content },
    ]);
    await until('acknowledgement', () => a.ear.acknowledgedIds.length === 1);
    expect(a.ear.acknowledgedIds).toEqual(['run:1:a-0:1']);
  });

  test('is stored once, however often it is said, and another of its id is told', async () => {
    a.broker.publish(windowSaid('a-0', 1));
    await until('first', () => a.ear.acknowledgedIds.length === 1);
    a.broker.publish(windowSaid('a-0', 1));
    await until('second', () => a.ear.acknowledgedIds.length === 2);
    a.broker.publish({ ...windowSaid('a-0', 2), id: 'run:1:a-0:1' });
    await until('third', () => a.ear.conflictedIds.length === 1);
    b.broker.poll(0);
    await until('page', () => b.ear.pages.length === 1);
    expect(b.ear.pages[0].messages).toHaveLength(1);
    expect(b.ear.heard).toHaveLength(1);
  });

  test('is nothing that was refused: one boundary message follows another', async () => {
    a.broker.publish(boundarySaid(1, 'first', 0));
    await until('first', () => a.ear.heard.length === 1);
    b.broker.publish(boundarySaid(1, 'other', 0));
    b.broker.publish(boundarySaid(2, 'other', 7));
    b.broker.publish(windowSaid('b-0', 1));
    await until('window', () => a.ear.heard.length === 2);
    a.broker.publish(boundarySaid(2, 'first', 1));
    await until('second', () => b.ear.heard.length === 3);
    const said = b.ear.heard.map(({ content }) => content.boundary?.headnode ?? content.window?.replica);
    expect(said).toEqual(['first', 'b-0', 'first']);
    expect(b.ear.acknowledgedIds).toEqual(['run:1:b-0:1']);
  });

  test('is found by who asks later, from any place on', async () => {
    for (let n = 1; n <= 600; n++) a.broker.publish(windowSaid('a-0', n));
    await until('600', () => a.ear.acknowledgedIds.length === 600);
    const late = await open('c-0');
    late.broker.poll(0);
    await until('page', () => late.ear.pages.length === 1);
    late.broker.poll(595);
    await until('second page', () => late.ear.pages.length === 2);
    const [all, some] = late.ear.pages;
    expect(all.messages.map(({ content }) => content.window?.n)).toEqual(
      Array.from({ length: 600 }, (_, n) => n + 1),
    );
    expect(some.messages.map(({ sequence }) => sequence)).toEqual([595, 596, 597, 598, 599, 600]);
    await late.broker.purge({ sequence: 590, number: 0 });
    late.broker.poll(0);
    await until('third page', () => late.ear.pages.length === 3);
    expect(late.ear.pages[2].first).toBe(590);
    expect(late.ear.pages[2].messages).toHaveLength(11);
    await late.broker.close();
  });

  test('may be larger than the broker takes at once', async () => {
    const large = windowSaid(
      'a-0',
      1,
      new Uint8Array(3_000_000).map((_, at) => at * 7),
    );
    a.broker.publish(large);
    a.broker.publish(windowSaid('a-0', 2));
    await until('both', () => b.ear.heard.length === 2 && a.ear.acknowledgedIds.length === 2);
    const heard = b.ear.heard.find(({ content }) => content.window?.n === 1)?.content.window;
    expect(heard !== undefined && sameWindow(heard, large.content.window as WindowMessage)).toBe(true);
    b.broker.poll(0);
    await until('page', () => b.ear.pages.length === 1);
    expect(new Set(b.ear.pages[0].messages.map(({ content }) => content.window?.n))).toEqual(new Set([1, 2]));
  });
}

function snapshots(newPlace: () => Promise<BusPlace>): void {
  test('are found again, and pointers only move forward', async () => {
    const place = await newPlace();
    const broker = await place.bus.open('a-0');
    expect(await broker.restart()).toBeUndefined();
    const ear = new Ear();
    await broker.listen(ear);
    const bytes = new Uint8Array(300_000).fill(5);
    broker.publish({ id: '4.7', stream: 'objects', bytes });
    await until('object', () => ear.acknowledgedIds.includes('4.7'));
    broker.getObject('4.7');
    broker.getObject('4.8');
    await until('object back', () => ear.objects.length === 1);
    expect(ear.objects.map(([name, got]) => [name, sameBytes(got, bytes)])).toEqual([['4.7', true]]);
    const pointer = { number: 9, boundary: 450, sequence: 12, left: true, shards: [] };
    broker.movePointer(pointer);
    await until('pointer', () => ear.pointers.length === 1);
    broker.movePointer({ ...pointer, number: 4 });
    await until('pointer again', () => ear.pointers.length === 2);
    broker.readPointer(77);
    await until('pointer read', () => ear.pointers.length === 4);
    expect(ear.pointers).toEqual([9, 9, 77, 9]);
    expect(await broker.pointers()).toEqual(new Map([['a-0', pointer]]));
    expect(await broker.restart()).toEqual({ pointer });
    await broker.close();
    await place.close();
  });
}

export const toyRules = (seed: number): ToyRules => ({
  seed,
  lookahead: 4,
  controlWindow: 20,
  tight: 5,
  shards: 8,
});
const END = 130;

function commandFor(shard: number, number: number): StampedCommand {
  const text = { text: '', askedBy: '', requestId: `q${shard}.${number}` };
  const command = { n: 0, time: 0, kind: 1, target: shard, payload: new Uint8Array(0), revertAt: 0, ...text };
  return { command, own: false, shard };
}

/** Runs toy replicas over a bus, with deaths, until the headnode says that all is over. @param onStep between boundaries */
export async function runOver(
  bus: Bus,
  replicas: readonly string[],
  seed: number,
  onStep: (number: number) => Promise<void> | void = () => undefined,
): Promise<void> {
  const rules = toyRules(seed);
  const driven = new Map<string, Driven>();
  const stops: string[] = [];
  const members = (without: string) => {
    const tight = replicas.filter((name) => name.startsWith('tight') && name !== without);
    return [
      ...tight.map((replica, at) => ({
        replica,
        loose: false,
        shards: [0, 1, 2, 3, 4].filter((s) => s % tight.length === at),
      })),
      { replica: 'loose-0', loose: true, shards: [5, 6] },
      { replica: 'headnode', loose: true, shards: [7] },
    ];
  };
  const boundaries = new Map<number, BoundaryClosed>();
  let started = 0;
  const start = async (replica: string): Promise<void> => {
    const process = `${replica}#${++started}`;
    const toy = new Toy(rules);
    const enter = toy.enter.bind(toy);
    toy.enter = (message) => {
      boundaries.set(message.number, message);
      enter(message);
    };
    const one = await drive(await bus.open(replica), {
      run: 'run',
      replica,
      process,
      rules: { lookaheadNs: rules.lookahead, controlWindowNs: rules.controlWindow, endNs: END },
      closes: replica === 'headnode',
      simulation: toy,
      listener: {
        onEnd: () => undefined,
        onStop: (code, detail) => void stops.push(`${process} ${code} ${detail}`),
      },
    });
    driven.set(replica, one);
  };
  const told = (): string =>
    [...driven.values()]
      .map(({ runner: { replica, outbox } }) => {
        const { epoch, number, n, tightN, looseN } = replica.position;
        const said = [...outbox.waiting.keys()].join(' ');
        return `${replica.self} ${replica.phase} epoch ${epoch} #${number} n ${n} ${tightN} ${looseN} waits ${said}`;
      })
      .join('; ');
  for (const replica of replicas) await start(replica);
  const victims = ['', '', '', 'tight-0', 'headnode', 'loose-0', 'tight-2'];
  for (let last = 0; ;) {
    const { runner } = driven.get('headnode') as Driven;
    const ready = () => stops.length > 0 || runner.closing !== undefined || runner.replica.phase === 'ended';
    await until('boundary or end', ready, told);
    expect(stops).toEqual([]);
    if (runner.closing === undefined) break;
    const { number } = runner.closing;
    for (const shard of [2, 5]) ask(runner.closer, commandFor(shard, number));
    const without = number === 1 || number === 4 ? 'none' : number === 3 ? 'tight-2' : undefined;
    const turn = without === undefined ? {} : { members: members(without) };
    runner.close({ hold: true, snapshot: number % 2 === 0, ...turn });
    if (number === last) continue;
    last = number;
    await onStep(number);
    const victim = victims[number] ?? '';
    if (victim === '') continue;
    await driven.get(victim)?.close();
    await start(victim);
  }
  const broker = await bus.open('reader');
  let over = false;
  while (!over) {
    over = (driven.get('headnode') as Driven).runner.isOver(await broker.pointers());
    expect(stops).toEqual([]);
  }
  const facts: FactRecord[] = [];
  const merge = newFactMerge(rules.shards);
  for (
    let page = await broker.readFacts(0);
    page.batches.length > 0;
    page = await broker.readFacts(page.next)
  )
    for (const batch of page.batches)
      for (const window of mergeFacts(merge, batch)) facts.push(...window.facts);
  const alone = runAlone(rules, END, [...boundaries.values()]);
  expect([...boundaries.values()].flatMap(({ commands }) => commands).length).toBeGreaterThan(10);
  expect(merge.next).toBe(END);
  expect(facts.map(({ actor, n, time, kind }) => ({ actor, n, time, kind }))).toEqual(
    alone.map(({ actor, n, time, kind }) => ({ actor, n, time, kind })),
  );
  for (const { close } of driven.values()) await close();
}
