/**
 * The runner joins a replica's protocol, its outbox and its simulation: inputs from the broker go in, the protocol's actions
 * are carried out in their order. It is synchronous and knows no clock: whoever drives it says when time has been waited.
 */
import type { Envelope, Member, ReplicaPointer, ReplicaSnapshot, StampedCommand } from '@orrery/proto';
import type { BusErrorCode } from '../errors.ts';
import type { Action } from './action.ts';
import {
  closeBoundary,
  closerState,
  newCloser,
  restoredCloser,
  settle,
  type Closer,
  type Closing,
} from './closer.ts';
import { encodeReplicaSnapshot } from './codec.ts';
import type { WindowRules } from './frontier.ts';
import {
  awaitPointer,
  heard,
  neededFrom,
  newOutbox,
  readyPointer,
  say,
  unacknowledged,
  type Needed,
} from './outbox.ts';
import type { Broker, Listener, Simulation } from './ports.ts';
import { caughtUp, join, poll, ran, receiveBoundary, receiveWindow, taken } from './protocol.ts';
import { newPosition, newReplica, type Replica } from './replica.ts';

export interface RunnerOptions {
  /** Unique: part of every message's id. */
  readonly run: string;
  readonly replica: string;
  /** Names this process among those that were or are the same replica. */
  readonly process: string;
  readonly rules: WindowRules;
  /** Whether it is the headnode. */
  readonly closes: boolean;
  readonly broker: Broker;
  readonly simulation: Simulation;
  readonly listener: Listener;
}

/** Where a replica goes on from: its pointer, and the snapshot it names unless the replica had left. */
export interface Restart {
  readonly pointer: ReplicaPointer;
  readonly snapshot?: ReplicaSnapshot;
  readonly shards?: ReadonlyMap<number, Uint8Array>;
}

/** A stored message with its place in the stream. */
export interface Stored {
  readonly content: Envelope;
  readonly sequence: number;
}

/** Name of a shard's object, as it stood before boundary message `number`. */
export function shardName(number: number, shard: number): string {
  return `${number}.${shard}`;
}

/** Name of the object with what a replica has beside its shards. */
export function ownName(number: number, replica: string): string {
  return `${number}.${replica}`;
}

export class Runner {
  readonly replica: Replica;
  readonly outbox = newOutbox();
  readonly closer: Closer;
  /** Set while the headnode may close a boundary. */
  closing: Extract<Action, { do: 'close' }> | undefined;
  private readonly options: RunnerOptions;
  private readonly actions: Action[] = [];
  private working = false;
  /** To the headnode: commands of the control window that is under way. */
  private entered: StampedCommand[] = [];
  private missing = new Set<number>();

  constructor(options: RunnerOptions, restart?: Restart) {
    this.options = options;
    const { pointer, snapshot, shards } = restart ?? {};
    const position = snapshot?.position ?? { ...newPosition(), number: pointer?.number ?? 0 };
    const at = { position, sequence: pointer?.sequence ?? 0 };
    this.replica = newReplica(options.replica, options.rules, at, options.closes);
    this.closer = snapshot?.closer === undefined ? newCloser() : restoredCloser(snapshot.closer);
    for (const [shard, bytes] of shards ?? []) options.simulation.restore(shard, bytes);
  }

  /** The connection is there, for the first time or again: subscribe first, then call it. */
  connected(): void {
    const { broker } = this.options;
    const { replica, outbox } = this;
    if (replica.phase === 'stopped') return;
    for (const item of unacknowledged(outbox)) broker.publish(item);
    if (outbox.moving !== undefined) broker.movePointer(outbox.moving);
    if (replica.phase === 'taking')
      for (const shard of this.missing) broker.getObject(shardName(replica.position.number, shard));
    else if (replica.phase !== 'ended') this.queue([poll(replica)]);
  }

  /** Nothing came for a while. */
  waited(): void {
    this.connected();
  }

  /** A stored message was heard, once it was stored. */
  receive(stored: Stored): void {
    this.take(stored);
    const { replica, options } = this;
    const names = stored.content.boundary?.members.some((member) => member.replica === options.replica);
    if (names === true && replica.phase === 'joining') this.queue([poll(replica)]);
  }

  private take({ content, sequence }: Stored): void {
    const { window, boundary } = content;
    if (window !== undefined) {
      if (window.replica === this.options.replica) this.acknowledged(this.idOfWindow(window.epoch, window.n));
      this.queue(receiveWindow(this.replica, window));
    } else if (boundary !== undefined) {
      this.acknowledged(this.idOfBoundary(boundary.number, boundary.headnode));
      this.queue(receiveBoundary(this.replica, boundary, sequence));
    }
  }

  /** Answers `poll`: everything stored from `from` on. @param first sequence of the oldest message still stored */
  page(from: number, first: number, messages: readonly Stored[]): void {
    const { replica, options } = this;
    if (replica.phase === 'stopped' || from > replica.sequence) return;
    if (replica.position.epoch > 0 && first > from && from === replica.sequence)
      return this.goneAhead(`from ${from} on, it begins at ${first}`);
    const started = replica.phase !== 'joining';
    for (const message of messages) this.take(message);
    if (started) return;
    if (replica.position.epoch > 0) this.queue(caughtUp(replica));
    else options.broker.readPointer(messages.at(-1)?.sequence ?? 0);
  }

  /**
   * Answers `readPointer`: without a pointer that was not there when this process began, nothing that it needs had been
   * purged when the page was read. @param number of the pointer; 0: there is none
   */
  pointerRead(last: number, number: number): void {
    const { replica, closer } = this;
    const { position, inbox, phase } = replica;
    if (phase !== 'joining' || position.epoch > 0) return;
    if (number > position.number) return this.goneAhead(`it went on at boundary message ${number}`);
    this.queue(join(replica, last));
    const empty = position.number === 0 && inbox.boundaries.size === 0 && closer.proposed === undefined;
    if (empty && replica.closes) this.queue([{ do: 'close', number: 1, boundary: 0, next: 0, floor: 0 }]);
  }

  /** The broker has the message. */
  acknowledged(id: string): void {
    if (heard(this.outbox, id)) this.movePointer();
  }

  /** The broker has another message of that id. */
  conflicted(id: string): void {
    this.queue([{ do: 'stop', code: 'ORRERY_BUS_DIVERGED', detail: `${id} is stored with other bytes` }]);
  }

  objectGot(name: string, bytes: Uint8Array): void {
    const { phase, position } = this.replica;
    if (phase !== 'taking') return;
    for (const shard of this.missing) {
      if (name !== shardName(position.number, shard)) continue;
      this.missing.delete(shard);
      this.options.simulation.restore(shard, bytes);
      if (this.missing.size === 0) this.queue(taken(this.replica));
    }
  }

  /** The broker has this pointer, or a further one. */
  pointerMoved(number: number): void {
    if (this.outbox.moving !== undefined && this.outbox.moving.number <= number)
      this.outbox.moving = undefined;
  }

  /** The headnode closes the boundary that `onClose` offered. */
  close(closing: Omit<Closing, 'headnode'>): void {
    const { closing: to, closer, replica } = this;
    if (to === undefined) return;
    this.closing = undefined;
    const boundary = closeBoundary(closer, to, { ...closing, headnode: this.options.process });
    const id = this.idOfBoundary(boundary.number, boundary.headnode);
    const expectedLast = replica.position.number === 0 ? 0 : replica.sequence;
    this.say({ id, stream: 'windows', content: { boundary }, expectedLast });
  }

  /** To the headnode: from where on anything is still needed. */
  neededFrom(pointers: ReadonlyMap<string, ReplicaPointer>): Needed {
    return neededFrom(this.closer.ever, this.members, pointers);
  }

  get members(): readonly Member[] {
    return this.replica.position.members;
  }

  /**
   * To the headnode: whether the run has ended and all that any replica ever said is stored. Until then the headnode
   * does not leave: it comes back from its snapshot to see to it.
   */
  isOver(pointers: ReadonlyMap<string, ReplicaPointer>): boolean {
    const { phase, position } = this.replica;
    return (
      phase === 'ended' &&
      this.settled &&
      [...this.closer.ever].every((replica) => {
        if (replica === this.options.replica) return true;
        const pointer = pointers.get(replica);
        const isMember = this.members.some((member) => member.replica === replica);
        return pointer?.left === true && (!isMember || pointer.number > position.number);
      })
    );
  }

  /** Whether all it said is stored. */
  get settled(): boolean {
    return (
      this.outbox.waiting.size === 0 && this.outbox.pointers.length === 0 && this.outbox.moving === undefined
    );
  }

  private say(item: Parameters<Broker['publish']>[0]): void {
    say(this.outbox, item);
    this.options.broker.publish(item);
  }

  /** Carries actions out one after another; what they lead to comes after them. */
  private queue(actions: readonly Action[]): void {
    this.actions.push(...actions);
    if (this.working) return;
    this.working = true;
    for (let action = this.actions.shift(); action !== undefined; action = this.actions.shift())
      this.carryOut(action);
    this.working = false;
  }

  private carryOut(action: Action): void {
    const { simulation, broker, listener } = this.options;
    switch (action.do) {
      case 'run':
        return this.run(action.start, action.end, action.cut);
      case 'publish':
        const { epoch, n } = action.message;
        return this.say({
          id: this.idOfWindow(epoch, n),
          stream: 'windows',
          content: { window: action.message },
        });
      case 'deliver':
        return simulation.deliver(action.batches);
      case 'enter':
        return this.enter(action);
      case 'report':
        return this.report(action);
      case 'snapshot':
        return this.snapshot(action);
      case 'handOver':
      case 'takeOver':
      case 'leave':
        return this.moveShards(action);
      case 'close':
        this.closing = action;
        return listener.onClose?.(action);
      case 'poll':
        return broker.poll(action.from);
      case 'end':
        if (!this.options.closes) this.leave(action.pointer);
        return listener.onEnd();
      case 'stop':
        return this.stop(action.code, action.detail);
    }
  }

  private run(start: number, end: number, cut: number): void {
    this.queue(ran(this.replica, this.options.simulation.runWindow(start, end, cut)));
  }

  private report({ number, from, upTo }: Extract<Action, { do: 'report' }>): void {
    const { run, replica, simulation } = this.options;
    const facts = { ...simulation.report(from, upTo), commands: this.entered };
    this.entered = [];
    this.say({ id: `${run}:${replica}:facts:${number}`, stream: 'facts', content: { facts } });
    const records = simulation.records?.(facts);
    if (records !== undefined)
      this.say({ id: `${run}:${replica}:records:${number}`, stream: 'records', content: { records } });
  }

  private enter({ message }: Extract<Action, { do: 'enter' }>): void {
    if (this.closing?.number === message.number) this.closing = undefined;
    const { superseded } = settle(this.closer, message);
    if (superseded) {
      this.stop('ORRERY_BUS_SUPERSEDED', `${message.headnode} closed boundary ${message.boundary}`);
      return;
    }
    this.options.simulation.enter(message);
    if (!this.replica.closes) return;
    this.entered = message.commands;
    this.options.listener.onStored?.(message);
  }

  private snapshot({ pointer, position }: Extract<Action, { do: 'snapshot' }>): void {
    const { replica, simulation, closes } = this.options;
    for (const shard of pointer.shards)
      this.putObject(shardName(pointer.number, shard), simulation.save(shard));
    const closer = closes ? closerState(this.closer) : undefined;
    this.putObject(ownName(pointer.number, replica), encodeReplicaSnapshot({ position, closer }));
    awaitPointer(this.outbox, pointer);
  }

  private moveShards(action: Extract<Action, { do: 'handOver' | 'takeOver' | 'leave' }>): void {
    const { simulation, broker } = this.options;
    if (action.do === 'leave') this.leave(action.pointer);
    else if (action.do === 'handOver') {
      for (const shard of action.shards) {
        this.putObject(shardName(action.number, shard), simulation.save(shard));
        simulation.drop(shard);
      }
    } else if (action.number === 1) {
      for (const shard of action.shards) simulation.begin(shard);
      this.queue(taken(this.replica));
    } else {
      this.missing = new Set(action.shards);
      for (const shard of action.shards) broker.getObject(shardName(action.number, shard));
    }
  }

  /** What it said until now is all: once it is stored, this replica is not needed any more. */
  private leave(pointer: ReplicaPointer): void {
    awaitPointer(this.outbox, pointer);
    this.movePointer();
  }

  private putObject(id: string, bytes: Uint8Array): void {
    this.say({ id, stream: 'objects', bytes });
  }

  private movePointer(): void {
    if (readyPointer(this.outbox)) this.options.broker.movePointer(this.outbox.moving as ReplicaPointer);
  }

  private goneAhead(detail: string): void {
    this.queue([{ do: 'stop', code: 'ORRERY_BUS_PURGED', detail }]);
  }

  private stop(code: BusErrorCode, detail: string): void {
    this.replica.phase = 'stopped';
    this.actions.length = 0;
    this.options.listener.onStop(code, detail);
  }

  private idOfWindow(epoch: number, n: number): string {
    return `${this.options.run}:${epoch}:${this.options.replica}:${n}`;
  }

  private idOfBoundary(number: number, headnode: string): string {
    return `${this.options.run}:boundary:${number}:${headnode}`;
  }
}
