/** The one `Context` of a host: what a handler may do, for the actor whose event is in hand. */
import { ACTOR_SPAN, draw, makeStream, type Distribution, type Stream } from '@orrery/kernel';
import { dueTime } from '@orrery/bus';
import {
  messageNumbers,
  type FactKind,
  type FactRef,
  type Facts,
  type MessageKind,
  type Messages,
} from '@orrery/proto';
import type { ActorId, Context, SpanRecord } from './kind.ts';
import { NO_FACT, type Cell } from './cell.ts';
import type { Host } from './host.ts';
import { stateWord, type Effect, type MachineStepper } from './machine.ts';

const KEY_SPAN = 4_294_967_296;

export class HandlerContext implements Context {
  source: ActorId = 0;
  private readonly host: Host;
  private cell!: Cell;
  private causeActor = 0;
  private causeN = 0;
  private readonly numbers: Readonly<Record<string, number>> = messageNumbers;

  constructor(host: Host) {
    this.host = host;
  }

  /** Turns to `cell` for the event in hand. */
  enter(cell: Cell, causeActor: number, causeN: number, source: ActorId): void {
    this.cell = cell;
    this.causeActor = causeActor;
    this.causeN = causeN;
    this.source = source;
  }

  /** Runs `body` as `cell`, then turns back to whom it was. */
  run(cell: Cell, cause: FactRef, source: ActorId, body: (context: Context) => void): void {
    const before = this.cell;
    const { causeActor, causeN, source: sourceBefore } = this;
    this.enter(cell, cause.actor, cause.n, source);
    body(this);
    this.enter(before, causeActor, causeN, sourceBefore);
  }

  get self(): ActorId {
    return this.cell.id;
  }

  get address(): string {
    return this.cell.address;
  }

  get now(): number {
    return this.host.now;
  }

  get lookaheadNs(): number {
    return this.host.rules.lookaheadNs;
  }

  get controlWindowNs(): number {
    return this.host.rules.controlWindowNs;
  }

  get tracing(): boolean {
    return this.host.options.onSpan !== undefined;
  }

  get cause(): FactRef {
    return this.causeN === 0 ? NO_FACT : { actor: this.causeActor, n: this.causeN };
  }

  set cause(fact: FactRef) {
    this.causeActor = fact.actor;
    this.causeN = fact.n;
  }

  send<K extends MessageKind>(to: ActorId, kind: K, payload: Messages[K], at?: number): void {
    const { host, cell } = this;
    const target = host.homeOf(to);
    if (target === undefined)
      throw new RangeError(`${cell.address} sends ${kind} to id ${to}, which nobody has`);
    const now = host.now;
    const due =
      cell.locality === target.locality && at === undefined
        ? now
        : dueTime(host.rules, cell, target, now, at);
    const step = due === now ? host.step + 1 : 0;
    host.push(
      cell,
      to,
      this.numbers[kind],
      payload as object,
      due,
      step,
      this.causeActor,
      this.causeN,
      undefined,
    );
  }

  timer<K extends MessageKind>(name: string, at: number, kind: K, payload: Messages[K]): void {
    const { host, cell } = this;
    if (!(at >= host.now))
      throw new RangeError(`${cell.address} sets timer ${name} for ${at}, before now ${host.now}`);
    const timers = (cell.timers ??= new Map<string, number>());
    const pending = timers.get(name);
    if (pending !== undefined) {
      host.queue.cancel(pending);
      if (cell.draws !== undefined) delete cell.draws[name];
    }
    const step = at === host.now ? host.step + 1 : 0;
    const slot = host.push(
      cell,
      cell.id,
      this.numbers[kind],
      payload as object,
      at,
      step,
      this.causeActor,
      this.causeN,
      name,
    );
    timers.set(name, host.queue.handleOf(slot));
  }

  randomTimer<K extends MessageKind>(
    name: string,
    distribution: Distribution,
    purpose: string,
    kind: K,
    payload: Messages[K],
  ): void {
    const start = this.host.now;
    const wait = Math.max(0, Math.round(draw(distribution, this.stream(purpose))));
    this.timer(name, start + wait, kind, payload);
    (this.cell.draws ??= {})[name] = { distribution, purpose, start };
  }

  cancel(name: string): boolean {
    const { cell } = this;
    const handle = cell.timers?.get(name);
    if (handle === undefined) return false;
    cell.timers?.delete(name);
    if (cell.draws !== undefined) delete cell.draws[name];
    return this.host.queue.cancel(handle);
  }

  timerAt(name: string): number | undefined {
    const handle = this.cell.timers?.get(name);
    if (handle === undefined) return undefined;
    const slot = this.host.queue.slotOf(handle);
    return slot < 0 ? undefined : this.host.queue.time[slot];
  }

  emit<K extends FactKind>(kind: K, payload: Facts[K]): FactRef {
    const fact = this.host.emit(this.cell, this.cause, kind, payload);
    this.causeActor = fact.actor;
    this.causeN = fact.n;
    return fact;
  }

  stream(purpose: string): Stream {
    const { cell, host } = this;
    return ((cell.streams ??= {})[purpose] ??= makeStream(host.seed, `${cell.address}:${purpose}`));
  }

  lookup(address: string): ActorId | undefined {
    const { cells } = this.host;
    const cell = cells.at(address);
    return cell === undefined || cell.locality === this.cell.locality ? cell?.id : cells.rootAt(address)?.id;
  }

  addressOf(id: ActorId): string {
    const cell = this.host.cells.get(id);
    if (cell === undefined) throw new RangeError(`nobody has the id ${id}`);
    return cell.address;
  }

  spawn(kind: string, suffix: string, init: unknown): ActorId {
    return this.host.spawn(this.cell, kind, suffix, init, this.cause);
  }

  destroy(id: ActorId): void {
    const cell = this.host.cells.get(id);
    if (cell === undefined || cell.locality !== this.cell.locality) {
      throw new RangeError(`${this.cell.address} may not end actor ${id}`);
    }
    this.host.destroy(cell);
  }

  newKey(): number {
    const root = this.cell.root ?? this.cell;
    return (root.id / ACTOR_SPAN) * KEY_SPAN + ++root.keys;
  }

  dispatch(event: { type: string }): void {
    const { cell } = this;
    if (cell.machine === undefined) throw new RangeError(`${cell.address} has no statechart`);
    const stepper = this.host.steppers.get(cell.kind) as MachineStepper;
    const { snapshot, effects } = stepper.step(cell.machine, event);
    cell.machine = snapshot;
    if (effects.length > 0) this.carryOut(effects);
  }

  machineState(): string {
    return this.cell.machine === undefined ? '' : stateWord(this.cell.machine.value);
  }

  machineContext(): unknown {
    return this.cell.machine?.context;
  }

  span(record: SpanRecord): void {
    const { kind, address } = this.cell;
    this.host.options.onSpan?.(record.service ?? kind.service, address, record);
  }

  /** Does what a statechart's transition asked for, in its order. */
  carryOut(effects: readonly Effect[]): void {
    for (const { type, params } of effects) {
      if (type === 'xstate.raise')
        this.raise(params as { event: { type: string }; delay?: number; id?: string });
      else if (type === 'xstate.cancel') this.cancel(`machine:${(params as { sendId: string }).sendId}`);
      else if (type === 'xstate.emit') this.emitEvent((params as { event: { type: string } }).event);
      else if (type === 'xstate.sendTo') this.sendEvent(params as SendTo);
      else this.perform(type, params);
    }
  }

  private raise(params: { event: { type: string }; delay?: number; id?: string }): void {
    if (params.delay === undefined) return;
    const id = params.id ?? params.event.type;
    const at = this.host.now + Math.round(params.delay);
    this.timer(`machine:${id}`, at, 'machineTimer', { id, eventJson: JSON.stringify(params.event) });
  }

  private emitEvent(event: { type: string }): void {
    const { type, ...payload } = event;
    this.emit(type as FactKind, payload as Facts[FactKind]);
  }

  private sendEvent(params: SendTo): void {
    const to = typeof params.to === 'object' ? params.to.id : params.targetId;
    if (typeof to !== 'number')
      throw new RangeError(`${this.cell.address} sends to ${String(to)}, not an address object`);
    const { type, ...payload } = params.event;
    const at = params.delay === undefined ? undefined : this.host.now + Math.round(params.delay);
    this.send(to, type as MessageKind, payload as Messages[MessageKind], at);
  }

  private perform(type: string, params: unknown): void {
    const effect = this.cell.kind.effects?.[type];
    if (effect === undefined) throw new RangeError(`${this.cell.kind.name} has no effect named ${type}`);
    effect(this, this.cell.state, params as never);
  }
}

interface SendTo {
  to?: { id: ActorId } | undefined;
  targetId?: unknown;
  event: { type: string };
  delay?: number;
}
