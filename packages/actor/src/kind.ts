/**
 * What a kind of actor is: its first state, what it does with each kind of message, and, when its life has phases,
 * a statechart.
 */
import type { Stream } from '@orrery/kernel';
import type { FactKind, FactRef, Facts, MessageKind, Messages, ServiceName } from '@orrery/proto';
import type { AnyStateMachine } from 'xstate';

/** Integer id of an actor: a multiple of 2^20 for actors of the spec, root + counter for those made at run time. */
export type ActorId = number;

/** A distribution in ns for a timer that a fork may draw again. */
export type { Distribution } from '@orrery/kernel';
import type { Distribution } from '@orrery/kernel';

/** One finished span, as a service made it; times in ns of simulated time. Keys are from `Context.newKey`. */
export interface SpanRecord {
  name: string;
  /** Whose doing it is, when it is not the maker's. */
  service?: ServiceName;
  /** Root request or story that it belongs to. */
  trace: number;
  key: number;
  /** Key of the parent span; 0: none. */
  parent: number;
  start: number;
  end: number;
  error?: string;
  /** Fault ids are put on by the tracer, never by the maker. */
  attributes?: Record<string, string | number | boolean>;
  ledger?: Messages['zioDone']['ledger'];
}

/** What a handler may do. One object is reused for all events: keep no reference to it. */
export interface Context {
  readonly self: ActorId;
  readonly address: string;
  /** Simulated time, ns. */
  readonly now: number;
  readonly lookaheadNs: number;
  readonly controlWindowNs: number;
  /** Sender of the message in hand. */
  readonly source: ActorId;
  /** Nearest causal fact: the message's, then the last fact emitted here; set it to name a better one. */
  cause: FactRef;
  /**
   * Sends a message. Without `at`: at once inside the locality, after lookahead outside it, at the next control
   * boundary to or from headnode and fma.
   * @param at due time, ns; outside the locality at least now + lookaheadNs
   */
  send<K extends MessageKind>(to: ActorId, kind: K, payload: Messages[K], at?: number): void;
  /** Sends `kind` to itself at `at`; a pending timer of the same name is replaced. */
  timer<K extends MessageKind>(name: string, at: number, kind: K, payload: Messages[K]): void;
  /** As `timer`, after a time drawn from `distribution` (ns) out of the stream `purpose`; a fork with another seed redraws it. */
  randomTimer<K extends MessageKind>(
    name: string,
    distribution: Distribution,
    purpose: string,
    kind: K,
    payload: Messages[K],
  ): void;
  /** @returns whether a timer of that name was pending */
  cancel(name: string): boolean;
  /** Due time of a pending timer, or undefined. */
  timerAt(name: string): number | undefined;
  /** Reports a fact; from here on it is the cause. */
  emit<K extends FactKind>(kind: K, payload: Facts[K]): FactRef;
  /** The actor's own named random stream. */
  stream(purpose: string): Stream;
  /**
   * Id of an address; undefined when nobody has it. Of another locality only the spec's actors are known: what is made there
   * at run time is a matter of its own, and may be on another host.
   */
  lookup(address: string): ActorId | undefined;
  addressOf(id: ActorId): string;
  /** Makes an actor of a registered kind in this locality, at `<root address>/<suffix>`; its `init` runs now. */
  spawn(kind: string, suffix: string, init: unknown): ActorId;
  /** Ends an actor of this locality: pending timers go, later messages to it are dropped; its digest stays. */
  destroy(id: ActorId): void;
  /** A number no other actor of the run gets: for requests, calls, zios, spans. */
  newKey(): number;
  /** Runs the actor's statechart on an event, now. */
  dispatch(event: { type: string }): void;
  /** The statechart's state, dotted for nested ones (`running.multiUser`). */
  machineState(): string;
  /** The statechart's context. */
  machineContext(): unknown;
  /** Whether anybody wants spans now: build one only then. */
  readonly tracing: boolean;
  span(record: SpanRecord): void;
}

/** What to do with each kind of message; a kind without a handler is a bug of the sender and stops the run. */
export type Handlers<State> = {
  readonly [K in MessageKind]?: (context: Context, state: State, message: Messages[K]) => void;
};

export interface ActorKind<State extends object = object, Init = unknown> {
  readonly name: string;
  readonly service: ServiceName;
  /** First state, at time 0 or when spawned. Plain data: it survives serialise and restore. */
  readonly init: (context: Context, init: Init) => State;
  readonly on: Handlers<State>;
  /**
   * Statechart. Delays are ns of simulated time. Delayed transitions, `raise` with a delay, `cancel`, `emit`
   * (facts, `type` is the fact's kind) and `sendTo` address objects `{ id }` are carried out by the host; any other named
   * action is looked up in `effects`.
   */
  readonly machine?: AnyStateMachine;
  /** Input of the statechart, from the first state. */
  readonly machineInput?: (state: State) => unknown;
  readonly effects?: Readonly<Record<string, (context: Context, state: State, params: never) => void>>;
}

/** An actor of the spec, before it has a number. */
export interface Placement {
  address: string;
  kind: string;
  /** Actors of one locality may message each other at once. */
  locality: string;
  init: unknown;
}

/** What a service gives to the composition root. */
export interface Service {
  readonly name: ServiceName;
  /** Loose services are met at control boundaries only. */
  readonly loose: boolean;
  readonly kinds: readonly ActorKind[];
}

/** Checks a kind's types, then forgets them: kinds of all services live in one registry. */
export function defineActor<State extends object, Init>(kind: ActorKind<State, Init>): ActorKind {
  return kind as unknown as ActorKind;
}
