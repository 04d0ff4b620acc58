/**
 * The host runs actors: it delivers the events of one queue in the one total order, and carries out what handlers and
 * statecharts ask for. It decides nothing itself.
 *
 * Rules. 1. A handler runs to its end; what it sends is queued, never delivered inside it.
 *        2. An event's key is (time, step, source, sequence): a function of the simulation alone.
 *        3. Time only moves at an event or at `runUntil`'s end; a run until T delivers what is due before T.
 *        4. A failure inside a handler ends the run, with the seed, the time and the event's number.
 */
import { ACTOR_SPAN, EventQueue, drawRemaining, makeStream, TIME_MAX } from '@orrery/kernel';
import { codecRoundTrip, decodeMessage, encodeFact, encodeMessage } from '@orrery/proto/codec';
import {
  factNumbers,
  messageNumbers,
  type CommandRecord,
  type EventRecord,
  type FactKind,
  type FactRecord,
  type FactRef,
  type Facts,
  type MessageKind,
  type Messages,
} from '@orrery/proto';
import type { BusRules } from '@orrery/bus';
import { combineDigests, foldFact, newHash, type Hash64 } from '@orrery/log';
import type { ActorId, ActorKind, Context, Placement, Service, SpanRecord } from './kind.ts';
import { CellTable, handlerTable, NO_FACT, type AnyHandler, type Cell } from './cell.ts';
import { HandlerContext } from './context.ts';
import { MachineStepper } from './machine.ts';
import { HandlerFailure } from './errors.ts';

/** A fact as the host reports it, with its name and address. */
export interface HostFact {
  actor: ActorId;
  /** Running number of the actor's facts, from 1. */
  n: number;
  time: number;
  kind: FactKind;
  cause: FactRef;
  payload: Facts[FactKind];
  address: string;
  /** The same as the log keeps it and the digest folds it. */
  record: FactRecord;
}

export interface HostOptions {
  seed: number;
  services: readonly Service[];
  placements: readonly Placement[];
  rules: BusRules;
  /** Hears each fact as it is reported. */
  onFact?: (fact: HostFact) => void;
  /** Hears each span; without it actors build none. */
  onSpan?: (service: string, address: string, span: SpanRecord) => void;
  /** Keep facts in `facts`; default true, for tests and short runs. */
  keepFacts?: boolean;
  /** Encode and decode each message on its way, as a distributed run does. */
  wire?: boolean;
  /** When only some localities are here. */
  parts?: HostParts;
}

/** What a fact came from: the run's start (phase 0), a command (1), or an event of a step (2 + step), with its key. */
export interface Origin {
  phase: number;
  source: ActorId;
  sequence: number;
}

/** Which localities a host runs, and who takes what is sent to the others. */
export interface HostParts {
  isHere(locality: string): boolean;
  leave(event: EventRecord, locality: string): void;
}

const STEP_MAX = 1_000_000;

export class Host {
  readonly queue = new EventQueue();
  readonly cells = new CellTable();
  readonly rules: BusRules;
  readonly facts: HostFact[] = [];
  readonly kinds = new Map<
    string,
    { kind: ActorKind; loose: boolean; handlers: readonly (AnyHandler | undefined)[] }
  >();
  readonly steppers = new Map<ActorKind, MachineStepper>();
  readonly options: HostOptions;
  seed: number;
  now = 0;
  step = 0;
  /** Where facts reported now stand among those of the moment. */
  readonly origin: Origin = { phase: 0, source: 0, sequence: 0 };
  /** Events delivered so far. */
  events = 0;
  private readonly context: HandlerContext;
  private lastFact: HostFact | undefined;
  /** By address; let go once every actor is made. */
  private placements: Placement[];

  constructor(options: HostOptions) {
    this.options = options;
    this.placements = sortPlacements(options.placements);
    this.seed = options.seed;
    this.rules = options.rules;
    this.context = new HandlerContext(this);
    for (const service of options.services) {
      for (const kind of service.kinds) {
        if (this.kinds.has(kind.name)) throw new RangeError(`two kinds of actor are named ${kind.name}`);
        this.kinds.set(kind.name, { kind, loose: service.loose, handlers: handlerTable(kind) });
        if (kind.machine !== undefined) this.steppers.set(kind, new MachineStepper(kind.machine));
      }
    }
    this.makeSpecActors();
  }

  /** Runs every spec actor's `init`, in order of id, at time 0. Not called on a host that is restored. */
  start(): this {
    for (const [index, placement] of this.placements.entries()) {
      const cell = this.cells.roots[index + 1];
      if (cell === undefined || !this.isHere(cell)) continue;
      this.originAt(0, cell.id, 0);
      this.initialise(cell, placement.init, NO_FACT);
    }
    this.placements = [];
    return this;
  }

  /** Delivers every event due before `end`, in order; then `now` is `end`. @returns events delivered */
  runUntil(end: number, stop?: () => boolean): number {
    if (end > TIME_MAX)
      throw new RangeError(`time ${end} lies past the largest a run can reach, ${TIME_MAX} ns`);
    const before = this.events;
    const { queue } = this;
    while (queue.nextTime() < end) {
      this.deliver(queue.pop());
      if (stop?.() === true) return this.events - before;
    }
    this.now = end;
    this.step = 0;
    return this.events - before;
  }

  /** Hands a command to an actor at the present boundary; its fact, by actor 0, comes first. */
  command<K extends MessageKind>(
    target: ActorId,
    kind: K,
    payload: Messages[K],
    accepted: Facts['commandAccepted'],
  ): HostFact {
    const outside = this.outside();
    this.emit(outside, NO_FACT, 'commandAccepted', accepted);
    const fact = this.lastFact as HostFact;
    this.push(outside, target, messageNumbers[kind], payload, this.now, 0, fact.actor, fact.n, undefined);
    return fact;
  }

  /** The same on every host of a run in parts, at boundary `at`: each counts it, one reports it, one delivers it. */
  commandInParts(
    { target, kind, payload }: CommandRecord,
    at: number,
    accepted: Facts['commandAccepted'],
  ): void {
    const outside = this.outside();
    this.now = at;
    this.originAt(1, 0, outside.facts);
    if (this.isHere(outside)) this.emit(outside, NO_FACT, 'commandAccepted', accepted);
    else outside.facts++;
    const home = this.homeOf(target);
    if (home === undefined || !this.isHere(home)) outside.sequence++;
    else this.push(outside, target, kind, decodeMessage(kind, payload), at, 0, 0, outside.facts, undefined);
  }

  /** Sends a message from the outside without a command's fact: for tests. */
  post<K extends MessageKind>(target: ActorId | string, kind: K, payload: Messages[K], at = this.now): void {
    const id = typeof target === 'string' ? this.idOf(target) : target;
    this.push(this.outside(), id, messageNumbers[kind], payload, at, 0, 0, 0, undefined);
  }

  /** @throws RangeError when nobody has the address */
  idOf(address: string): ActorId {
    const cell = this.cells.at(address);
    if (cell === undefined) throw new RangeError(`no actor has the address ${address}`);
    return cell.id;
  }

  /** The state of an actor, for tests and questions: not to be changed. */
  stateOf<S>(address: string): S {
    return (this.cells.at(address) as Cell).state as S;
  }

  /** 16 hex digits over every fact of every actor, destroyed ones included. */
  digest(): string {
    const table = new Map<number, Hash64>();
    for (const cell of this.cells.all()) if (cell.digest !== undefined) table.set(cell.id, cell.digest);
    return combineDigests(table);
  }

  /** Another seed for all that is still to be drawn: streams start anew, pending random timers are drawn again. */
  reseed(seed: number): void {
    this.seed = seed;
    for (const cell of this.cells.all()) {
      cell.streams = undefined;
      if (!cell.alive || cell.draws === undefined) continue;
      for (const name of Object.keys(cell.draws).sort()) this.redraw(cell, name);
    }
  }

  /** Places an event in the queue; `at` is already what the bus rules allow. */
  push(
    source: Cell,
    target: ActorId,
    number: number,
    payload: object,
    at: number,
    step: number,
    causeActor: number,
    causeN: number,
    label: string | undefined,
  ): number {
    if (!(at <= TIME_MAX))
      throw new RangeError(`time ${at} lies past the largest a run can reach, ${TIME_MAX} ns`);
    const { queue } = this;
    const sequence = ++source.sequence;
    const { parts } = this.options;
    if (parts !== undefined) {
      const { locality } = this.homeOf(target) as Cell;
      if (!parts.isHere(locality)) {
        const key = { time: at, step, source: source.id, sequence };
        const cause = { actor: causeActor, n: causeN };
        parts.leave(
          { ...key, target, kind: number, cause, payload: encodeMessage(number, payload) },
          locality,
        );
        return -1;
      }
    }
    const slot = queue.push(at, step, source.id, sequence);
    queue.target[slot] = target;
    queue.kind[slot] = number;
    queue.causeActor[slot] = causeActor;
    queue.causeN[slot] = causeN;
    queue.payload[slot] = this.options.wire === true ? codecRoundTrip(number, payload) : payload;
    queue.label[slot] = label;
    return slot;
  }

  /** Takes in an event that left another host, with the key it had there. */
  receive({ time, step, source, sequence, target, kind, cause, payload }: EventRecord): void {
    if (time < this.now) throw new RangeError(`an event due ${time} comes at ${this.now}`);
    const { queue } = this;
    const slot = queue.push(time, step, source, sequence);
    queue.target[slot] = target;
    queue.kind[slot] = kind;
    queue.causeActor[slot] = cause?.actor ?? 0;
    queue.causeN[slot] = cause?.n ?? 0;
    queue.payload[slot] = decodeMessage(kind, payload);
    queue.label[slot] = undefined;
  }

  /** An actor, or the one in whose locality it is when it was made at run time on another host. */
  homeOf(id: ActorId): Cell | undefined {
    const cell = this.cells.get(id);
    return cell === undefined && this.options.parts !== undefined
      ? this.cells.get(id - (id % ACTOR_SPAN))
      : cell;
  }

  isHere(cell: Cell): boolean {
    const { parts } = this.options;
    return parts === undefined || parts.isHere(cell.locality);
  }

  /** Reports a fact of `cell`. */
  emit(cell: Cell, cause: FactRef, kind: FactKind, payload: Facts[FactKind]): FactRef {
    const number = factNumbers[kind];
    const bytes = encodeFact(number, payload);
    const n = ++cell.facts;
    const record: FactRecord = { actor: cell.id, n, time: this.now, kind: number, cause, payload: bytes };
    foldFact((cell.digest ??= newHash()), record);
    const fact: HostFact = {
      actor: cell.id,
      n,
      time: this.now,
      kind,
      cause,
      payload,
      address: cell.address,
      record,
    };
    this.lastFact = fact;
    if (this.options.keepFacts !== false) this.facts.push(fact);
    this.options.onFact?.(fact);
    return { actor: cell.id, n };
  }

  /** Makes an actor at run time beside `parent`, in its locality. */
  spawn(parent: Cell, kindName: string, suffix: string, init: unknown, cause: FactRef): ActorId {
    const root = parent.root ?? parent;
    const address = `${root.address}/${suffix}`;
    const old = this.cells.at(address);
    if (old !== undefined && old.alive) throw new RangeError(`${address} is already there`);
    root.children++;
    const cell = this.makeCell(root.id + root.children, address, kindName, root.locality, root);
    const made = this.emit(parent, cause, 'actorMade', { actor: cell.id, address, kind: kindName });
    this.initialise(cell, init, made);
    return cell.id;
  }

  /** Ends an actor: its timers go, its digest stays. */
  destroy(cell: Cell): void {
    cell.alive = false;
    if (cell.timers !== undefined) for (const handle of cell.timers.values()) this.queue.cancel(handle);
    cell.timers = undefined;
    cell.draws = undefined;
    cell.machine = undefined;
    cell.streams = undefined;
    cell.state = {};
  }

  /** A cell as a snapshot or a placement describes it. */
  makeCell(id: ActorId, address: string, kindName: string, locality: string, root: Cell | undefined): Cell {
    const known = this.kinds.get(kindName);
    if (known === undefined) throw new RangeError(`${address}: no service has actors of kind ${kindName}`);
    const cell: Cell = {
      id,
      address,
      kind: known.kind,
      handlers: known.handlers,
      locality,
      loose: known.loose,
      root,
      state: {},
      machine: undefined,
      alive: true,
      sequence: 0,
      facts: 0,
      digest: undefined,
      children: 0,
      keys: 0,
      streams: undefined,
      timers: undefined,
      draws: undefined,
    };
    this.cells.add(cell);
    return cell;
  }

  private initialise(cell: Cell, init: unknown, cause: FactRef): void {
    this.context.run(cell, cause, cell.id, (context: Context) => {
      cell.state = cell.kind.init(context, init);
      const stepper = this.steppers.get(cell.kind);
      if (stepper !== undefined) {
        const started = stepper.start(cell.kind.machineInput?.(cell.state));
        cell.machine = started.snapshot;
        this.context.carryOut(started.effects);
      }
    });
  }

  private deliver(slot: number): void {
    const { queue } = this;
    const time = queue.time[slot];
    this.now = time;
    this.step = queue.step[slot];
    this.originAt(2 + this.step, queue.source[slot], queue.sequence[slot]);
    this.events++;
    if (this.step > STEP_MAX) throw new RangeError(`${STEP_MAX} immediate messages in a row at ${time} ns`);
    const cell = this.cells.get(queue.target[slot]);
    const number = queue.kind[slot];
    const payload = queue.payload[slot] as object;
    queue.payload[slot] = undefined;
    if (cell === undefined) throw this.failure(slot, `nobody has the id ${queue.target[slot]}`);
    if (!cell.alive) return;
    const label = queue.label[slot];
    if (label !== undefined) {
      queue.label[slot] = undefined;
      cell.timers?.delete(label);
      if (cell.draws !== undefined) delete cell.draws[label];
    }
    const handler = cell.handlers[number];
    if (handler === undefined && number !== messageNumbers.machineTimer) {
      throw this.failure(slot, `${cell.address} (${cell.kind.name}) does not handle message ${number}`);
    }
    this.context.enter(cell, queue.causeActor[slot], queue.causeN[slot], queue.source[slot]);
    try {
      if (handler !== undefined) handler(this.context, cell.state, payload);
      else
        this.context.dispatch(
          JSON.parse((payload as Messages['machineTimer']).eventJson) as { type: string },
        );
    } catch (error) {
      throw this.failure(slot, `${cell.address} failed on message ${number}`, error);
    }
  }

  private failure(slot: number, what: string, cause?: unknown): HandlerFailure {
    return new HandlerFailure(what, {
      seed: this.options.seed,
      time: this.queue.time[slot],
      event: this.events,
      cause,
    });
  }

  private redraw(cell: Cell, name: string): void {
    const draw = cell.draws?.[name];
    const handle = cell.timers?.get(name);
    if (draw === undefined || handle === undefined) return;
    const slot = this.queue.slotOf(handle);
    if (slot < 0) return;
    const stream = ((cell.streams ??= {})[draw.purpose] ??= makeStream(
      this.seed,
      `${cell.address}:${draw.purpose}`,
    ));
    const left = Math.max(0, Math.round(drawRemaining(draw.distribution, this.now - draw.start, stream)));
    const { queue } = this;
    const target = queue.target[slot];
    const kind = queue.kind[slot];
    const payload = queue.payload[slot] as object;
    const causeActor = queue.causeActor[slot];
    const causeN = queue.causeN[slot];
    queue.cancel(handle);
    const next = this.push(cell, target, kind, payload, this.now + left, 0, causeActor, causeN, name);
    cell.timers?.set(name, queue.handleOf(next));
  }

  private makeSpecActors(): void {
    this.kinds.set('outside', {
      kind: { name: 'outside', service: 'outside', init: () => ({}), on: {} },
      loose: false,
      handlers: [],
    });
    this.makeCell(0, 'outside', 'outside', 'outside', undefined);
    for (const [index, placement] of this.placements.entries()) {
      if (this.cells.at(placement.address) !== undefined) {
        throw new RangeError(`two actors have the address ${placement.address}`);
      }
      this.makeCell(
        (index + 1) * ACTOR_SPAN,
        placement.address,
        placement.kind,
        placement.locality,
        undefined,
      );
    }
  }

  private originAt(phase: number, source: ActorId, sequence: number): void {
    const { origin } = this;
    origin.phase = phase;
    origin.source = source;
    origin.sequence = sequence;
  }

  private outside(): Cell {
    return this.cells.get(0) as Cell;
  }
}

function sortPlacements(placements: readonly Placement[]): Placement[] {
  return [...placements].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/** A host with its actors made and their first state set. */
export function createHost(options: HostOptions): Host {
  return new Host(options).start();
}
