/** A workload with the rules of a simulation and none of its meaning: shards that send each other numbers. */
import { mix } from '@orrery/kernel';
import type { BoundaryClosed, FactBatch, FactRecord, ShardBatch } from '@orrery/proto';
import type { Simulation, WindowReport } from '../window/index.ts';
import { NEVER } from '../window/index.ts';

const QUIET = 1;
const TIMER = 2;
/** Numbers an event is written in. */
const WIDTH = 7;
const OUTSIDE = -1;

export interface ToyEvent {
  time: number;
  step: number;
  source: number;
  sequence: number;
  kind: number;
  hops: number;
  value: number;
}

interface ToyShard {
  id: number;
  hash: number;
  facts: number;
  sequence: number;
  /** Sequence of the pending timer; 0: none. */
  timer: number;
  ranUntil: number;
  queue: ToyEvent[];
}

export interface ToyRules {
  seed: number;
  lookahead: number;
  controlWindow: number;
  /** Shard numbers below it are tight. */
  tight: number;
  shards: number;
}

const inOrder = (a: ToyEvent, b: ToyEvent): number =>
  a.time - b.time || a.step - b.step || a.source - b.source || a.sequence - b.sequence;

/** Shards of one process; all of them: the whole run. */
export class Toy implements Simulation {
  readonly shards = new Map<number, ToyShard>();
  /** Count cancelled timers as pending, as a queue with lazy deletion would: wrong. */
  lazyCancel = false;
  private readonly cancelled: number[] = [];
  private outgoing = new Map<number, number[]>();
  private earliestSent = NEVER;
  private earliestLoose = NEVER;
  private facts: FactRecord[] = [];
  /** The event that each came from. */
  private origins: ToyEvent[] = [];
  private readonly rules: ToyRules;

  constructor(rules: ToyRules) {
    this.rules = rules;
  }

  begin(id: number): void {
    const shard = {
      id,
      hash: mix(this.rules.seed, id),
      facts: 0,
      sequence: 0,
      timer: 0,
      ranUntil: 0,
      queue: [],
    };
    this.shards.set(id, shard);
    for (let i = 0; i < 1 + (id & 1); i++) this.schedule(shard, shard, (shard.hash >>> (5 * i)) & 15, 0, 4);
    if (id < this.rules.tight)
      this.send(shard, (id + 1) % this.rules.tight, this.rules.lookahead + (shard.hash & 3), 4);
  }

  runWindow(start: number, end: number): WindowReport {
    for (const id of this.numbers()) {
      const shard = this.shards.get(id) as ToyShard;
      while (shard.queue.length > 0 && shard.queue[0].time < end) {
        const event = shard.queue.shift() as ToyEvent;
        if (event.time < start && start < end)
          throw new Error(`shard ${shard.id}: ${event.time} is left of ${start}`);
        this.handle(shard, event);
      }
      shard.ranUntil = Math.max(shard.ranUntil, end);
    }
    return this.headerAt(end);
  }

  report(from: number, upTo: number): FactBatch {
    const phases = this.origins.map(({ step }) => 2 + step);
    const sources = this.origins.map(({ source }) => source - OUTSIDE);
    const sequences = this.origins.map(({ sequence }) => sequence);
    const facts = this.takeFacts();
    return { from, upTo, shards: this.numbers(), facts, phases, sources, sequences, commands: [], events: 0 };
  }

  deliver(batches: readonly ShardBatch[]): void {
    for (const { shard: id, bytes } of batches) {
      const shard = this.shards.get(id) as ToyShard;
      const numbers = new Float64Array(bytes.slice().buffer);
      for (let at = 0; at < numbers.length; at += WIDTH) this.insert(shard, eventOf(numbers, at));
    }
  }

  enter({ boundary, commands }: BoundaryClosed): void {
    for (const { command, shard: id } of commands) {
      const shard = this.shards.get(id);
      const sequence = command?.n ?? 0;
      const event = { time: boundary, step: 0, source: OUTSIDE, sequence, kind: 0, hops: 3, value: sequence };
      if (shard !== undefined) this.insert(shard, event);
    }
  }

  save(id: number): Uint8Array {
    const { hash, facts, sequence, timer, ranUntil, queue } = this.shards.get(id) as ToyShard;
    const numbers = [id, hash, facts, sequence, timer, ranUntil];
    for (const event of queue) pushEvent(numbers, event);
    return new Uint8Array(Float64Array.from(numbers).buffer);
  }

  restore(_id: number, bytes: Uint8Array): void {
    const numbers = new Float64Array(bytes.slice().buffer);
    const [id, hash, facts, sequence, timer, ranUntil] = numbers;
    const queue: ToyEvent[] = [];
    for (let at = 6; at < numbers.length; at += WIDTH) queue.push(eventOf(numbers, at));
    this.shards.set(id, { id, hash, facts, sequence, timer, ranUntil, queue });
  }

  drop(id: number): void {
    this.shards.delete(id);
  }

  /** The earliest of all pending events of every shard: for a run in one process. */
  first(): { shard: ToyShard; event: ToyEvent } | undefined {
    let best: { shard: ToyShard; event: ToyEvent } | undefined;
    for (const shard of this.shards.values()) {
      const event = shard.queue[0];
      if (event !== undefined && (best === undefined || inOrder(event, best.event) < 0))
        best = { shard, event };
    }
    return best;
  }

  handle(shard: ToyShard, event: ToyEvent): void {
    const { time, hops } = event;
    if (event.kind === TIMER) shard.timer = 0;
    shard.hash = [time, event.step, event.source, event.sequence, event.value].reduce(mix, shard.hash);
    const payload = new Uint8Array(0);
    const cause = { actor: 0, n: 0 };
    this.facts.push({ actor: shard.id, n: ++shard.facts, time, kind: shard.hash >>> 0, cause, payload });
    this.origins.push(event);
    if (event.kind === QUIET || hops === 0) return;
    const bits = mix(shard.hash, 77) >>> 0;
    if (bits & 1)
      this.send(
        shard,
        (bits >>> 8) % this.rules.tight,
        time + this.rules.lookahead + ((bits >>> 4) & 7),
        hops - 1,
      );
    if ((bits & 6) === 2) {
      const loose = this.rules.tight + ((bits >>> 8) % (this.rules.shards - this.rules.tight));
      this.send(shard, loose, time, hops - 1);
    }
    if (bits & 8)
      this.schedule(shard, shard, time + ((bits >>> 12) & 3), (bits >>> 14) & 1, hops - 1, event.step, time);
    if ((bits & 0x30000) === 0x30000)
      this.schedule(shard, shard, time + 40 + ((bits >>> 20) & 31), 0, hops - 1);
    if (bits & 0x40000) this.setTimer(shard, time + 1 + ((bits >>> 22) & 15), hops - 1);
  }

  /** Shards in an order that no history can change: what is sent must come out the same again. */
  private numbers(): number[] {
    return [...this.shards.keys()].sort((a, b) => a - b);
  }

  /** Facts since the last call. */
  takeFacts(): FactRecord[] {
    const facts = this.facts;
    this.facts = [];
    this.origins = [];
    return facts;
  }

  private setTimer(shard: ToyShard, time: number, hops: number): void {
    if (shard.timer !== 0) {
      const at = shard.queue.findIndex((event) => event.kind === TIMER);
      this.cancelled.push(shard.queue[at].time);
      shard.queue.splice(at, 1);
    }
    shard.timer = shard.sequence + 1;
    this.schedule(shard, shard, time, TIMER, hops);
  }

  private schedule(
    from: ToyShard,
    to: ToyShard,
    time: number,
    kind: number,
    hops: number,
    step = 0,
    now = -1,
  ): void {
    const sequence = ++from.sequence;
    const event = {
      time,
      step: time === now ? step + 1 : 0,
      source: from.id,
      sequence,
      kind,
      hops,
      value: from.hash,
    };
    this.insert(to, event);
  }

  private send(from: ToyShard, to: number, time: number, hops: number): void {
    const { tight, controlWindow } = this.rules;
    const loose = from.id >= tight || to >= tight;
    const boundary = (Math.floor(time / controlWindow) + 1) * controlWindow;
    const due = from.id === to ? time + 1 : loose ? boundary : time;
    const here = this.shards.get(to);
    if (here !== undefined && !this.waitsForPeers(from)) return this.schedule(from, here, due, 0, hops);
    const numbers = this.outgoing.get(to) ?? [];
    this.outgoing.set(to, numbers);
    const sequence = ++from.sequence;
    pushEvent(numbers, { time: due, step: 0, source: from.id, sequence, kind: 0, hops, value: from.hash });
    if (to < tight) this.earliestSent = Math.min(this.earliestSent, due);
    else this.earliestLoose = Math.min(this.earliestLoose, due);
  }

  /** While shards are still made, whoever is not here yet may come. */
  private waitsForPeers(from: ToyShard): boolean {
    return from.facts === 0 && from.ranUntil === 0;
  }

  private insert(shard: ToyShard, event: ToyEvent): void {
    if (event.time < shard.ranUntil)
      throw new Error(
        `shard ${shard.id} ran until ${shard.ranUntil}, now comes ${event.time} of ${event.source}`,
      );
    const { queue } = shard;
    let at = queue.length;
    while (at > 0 && inOrder(event, queue[at - 1]) < 0) at--;
    queue.splice(at, 0, event);
  }

  private headerAt(end: number): WindowReport {
    let pending = NEVER;
    let promise = NEVER;
    const own: ShardBatch[] = [];
    const batches: ShardBatch[] = [];
    for (const [shard, numbers] of [...this.outgoing].sort(([a], [b]) => a - b))
      (this.shards.has(shard) ? own : batches).push({
        shard,
        bytes: new Uint8Array(Float64Array.from(numbers).buffer),
      });
    this.deliver(own);
    for (const { queue } of this.shards.values()) {
      if (queue.length > 0) pending = Math.min(pending, queue[0].time);
      const busy = queue.find((event) => event.kind !== QUIET);
      if (busy !== undefined) promise = Math.min(promise, busy.time);
    }
    if (this.lazyCancel)
      for (const time of this.cancelled) if (time >= end) pending = Math.min(pending, time);
    const { earliestSent, earliestLoose } = this;
    this.outgoing = new Map();
    this.earliestSent = this.earliestLoose = NEVER;
    return { pending, earliestSent, earliestLoose, promise: Math.max(promise, pending), batches };
  }
}

function pushEvent(numbers: number[], { time, step, source, sequence, kind, hops, value }: ToyEvent): void {
  numbers.push(time, step, source, sequence, kind, hops, value);
}

function eventOf(numbers: Float64Array, at: number): ToyEvent {
  const [time, step, source, sequence, kind, hops, value] = numbers.subarray(at, at + WIDTH);
  return { time, step, source, sequence, kind, hops, value };
}

/** What the same shards do in one process, with the same commands at the same boundaries. */
export function runAlone(rules: ToyRules, end: number, boundaries: readonly BoundaryClosed[]): FactRecord[] {
  const toy = new Toy(rules);
  for (let shard = 0; shard < rules.shards; shard++) toy.begin(shard);
  toy.runWindow(0, 0);
  const facts: FactRecord[] = [];
  const waiting = boundaries.filter(({ commands }) => commands.length > 0);
  for (;;) {
    const first = toy.first();
    const time = Math.min(first?.event.time ?? NEVER, waiting[0]?.boundary ?? NEVER);
    if (time >= end) break;
    if (waiting[0]?.boundary === time) toy.enter(waiting.shift() as BoundaryClosed);
    else if (first !== undefined) {
      first.shard.queue.shift();
      toy.handle(first.shard, first.event);
    }
    facts.push(...toy.takeFacts());
  }
  return facts;
}
