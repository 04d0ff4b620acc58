/**
 * A live run is a simulation paced to the wall clock and driven from outside: the control API's run, in one process.
 *
 * Rules. 1. Between turns the run stands at a control boundary: commands are taken there, and nowhere else.
 *        2. A turn takes a few milliseconds, so that calls and followers have theirs.
 *        3. What is told to anybody is in the log.
 *        4. A log that is gone on with is recomputed to its end first; until then commands are refused.
 */
import type { HostOptions, HostFact } from '@orrery/actor';
import type { CommandRecord, RunStatus } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import {
  ControlError,
  FactFeed,
  foldCommand,
  foldFact,
  newView,
  type Accepted,
  type Answer,
  type DatacenterView,
  type Ended,
  type Pace,
  type Patience,
  type Question,
  type RunControl,
  type Submission,
} from '@orrery/headnode/control';
import { addressesOf } from '../answers/addresses.ts';
import { boundaryAt } from '../commands.ts';
import { engine } from '../engine.ts';
import { catalogue } from '../services.ts';
import { Simulation, type SimulationOptions, type SimulationSnapshot } from '../simulation.ts';
import type { Clock } from './clock.ts';
import type { LiveLog, LogReaders } from './live-log.ts';
import { Pacing } from './pacing.ts';
import { RequestBook } from './request-book.ts';
import { statusOf } from './status.ts';

export interface LiveRunOptions {
  scenario: Scenario;
  seed: number;
  runId: string;
  clock: Clock;
  log: LiveLog;
  readers: LogReaders;
  encodeSnapshot: (snapshot: SimulationSnapshot) => Uint8Array;
  /** Simulated seconds a second; Infinity: as fast as it goes. */
  speed: number;
  paused?: boolean;
  /** A log that is gone on with: its last snapshot, its commands, and how far it is complete, ns. */
  resumed?: {
    from: SimulationSnapshot | undefined;
    logged: Iterable<CommandRecord>;
    upTo: number;
  };
  onFact?: (fact: HostFact) => void;
  onSpan?: HostOptions['onSpan'];
  /** Figures of spans and followers, for the status. */
  figures?: () => Partial<RunStatus>;
  snapshotEveryNs?: number;
}

// How long the run keeps the event loop in one turn, ms. More: calls wait longer; less: more turns for nothing.
const TURN_MS = 15;
const SECOND_NS = 1_000_000_000;

/** How a live run ended. */
export type LiveEnd = Ended & { suspended: boolean };

type State = 'catching-up' | 'running' | 'ended';

export class LiveRun implements RunControl {
  readonly datacenter: RunControl['datacenter'];
  readonly catalogue = catalogue;
  readonly view: DatacenterView;
  readonly feed: FactFeed;
  readonly faultIdsTaken: Set<string>;
  private readonly options: LiveRunOptions;
  private readonly simulation: Simulation;
  private readonly pacing: Pacing;
  private readonly book = new RequestBook();
  private readonly windowNs: number;
  private readonly catchUpTo: number;
  private state: State;
  private paused: boolean;
  private steps: { until: number; done: (pace: Pace) => void }[] = [];
  private forget: () => void = () => undefined;
  private settle: { done: (end: LiveEnd) => void; fail: (error: unknown) => void } | undefined;

  constructor(options: LiveRunOptions) {
    const { scenario, log, resumed, speed } = options;
    this.options = options;
    this.datacenter = scenario.datacenter;
    this.windowNs = scenario.datacenter.controlWindowNs;
    this.view = newView(scenario.datacenter, addressesOf(scenario.datacenter));
    this.feed = new FactFeed({
      history: log.history,
      controlWindowNs: this.windowNs,
      addressOf: (actor) => this.view.addresses.get(actor) ?? `#${actor}`,
    });
    this.faultIdsTaken = new Set(
      scenario.timeline.flatMap(({ command }) => (command.kind === 'inject' ? [command.faultId] : [])),
    );
    this.takeIn();
    this.simulation = new Simulation(this.simulationOptions());
    this.pacing = new Pacing(this.windowNs, speed);
    this.paused = options.paused === true;
    this.catchUpTo = boundaryAt(resumed?.upTo ?? 0, this.windowNs);
    this.state = this.simulation.now < this.catchUpTo ? 'catching-up' : 'running';
  }

  /** Runs until it is ended. @throws HandlerFailure, LogError */
  run(): Promise<LiveEnd> {
    const { clock } = this.options;
    this.simulation.takeCommands();
    this.pacing.restart(clock.now(), this.now);
    const over = new Promise<LiveEnd>((done, fail) => {
      this.settle = { done, fail };
    });
    this.wake();
    return over;
  }

  get now(): number {
    return this.simulation.now;
  }

  status(): RunStatus {
    const { scenario, seed, runId, log, figures } = this.options;
    const state = this.state === 'running' && this.paused ? 'paused' : this.state;
    const { speed, time, paused } = this.pace();
    return statusOf(
      {
        runId,
        name: scenario.name,
        seed,
        engine,
        time,
        speed: speed === Infinity ? 0 : speed,
        paused,
        speedNow: paused ? 0 : this.pacing.speedNow(),
        events: this.simulation.host.events,
        facts: this.simulation.facts,
        commands: this.simulation.commandsTaken,
        log: log.folder,
        followers: 0,
        spansExported: 0,
        spansSampledOut: 0,
        spansFailed: 0,
        state,
        digest: this.simulation.digest(),
        ...figures?.(),
      },
      this.view,
    );
  }

  revertAt(faultId: string): number {
    return this.simulation.revertAt(faultId);
  }

  accepted(requestId: string): Accepted | undefined {
    return this.book.find(requestId);
  }

  submit({ command, text, askedBy, requestId }: Submission): Promise<Accepted> {
    const before = this.book.find(requestId);
    if (before !== undefined) return Promise.resolve(before);
    this.mustRun();
    if (command.kind === 'inject') this.faultIdsTaken.add(command.faultId);
    const record = this.simulation.submit({ stamped: { command, text, askedBy }, requestId });
    this.takeIn();
    return Promise.resolve(this.book.add(record));
  }

  setSpeed(speed: number): Pace {
    this.pacing.restart(this.options.clock.now(), this.now, speed);
    this.wake();
    return this.pace();
  }

  pause(): Pace {
    this.paused = true;
    return this.pace();
  }

  resume(): Pace {
    this.paused = false;
    this.pacing.restart(this.options.clock.now(), this.now);
    this.wake();
    return this.pace();
  }

  step(boundaries: number): Promise<Pace> {
    this.mustRun();
    this.paused = true;
    return new Promise((done) => {
      this.steps.push({ until: this.now + boundaries * this.windowNs, done });
      this.wake();
    });
  }

  snapshot(): Promise<number> {
    this.mustRun();
    this.simulation.takeCommands();
    this.options.log.writer.writeSnapshot(this.now, this.options.encodeSnapshot(this.simulation.snapshot()));
    this.takeIn();
    return Promise.resolve(this.now);
  }

  ask(question: Question, patience: Patience): Promise<Answer> {
    this.options.log.writer.commitBatch(this.now);
    this.takeIn();
    return this.options.readers.ask({ ...question, at: question.at ?? this.now }, patience);
  }

  exportLog(format: string, patience: Patience): AsyncIterable<Uint8Array> {
    return this.options.readers.exportLog(format, patience);
  }

  end(suspend: boolean): Promise<Ended> {
    if (this.state === 'ended' || !suspend) this.mustRun();
    if (this.state === 'running') this.simulation.takeCommands();
    const { facts, commandsTaken: commands, now: time } = this.simulation;
    const ended = { time, digest: this.simulation.digest(), facts, commands, log: this.options.log.folder };
    if (suspend) {
      this.options.log.writer.close();
    } else this.simulation.end();
    this.state = 'ended';
    this.takeIn();
    this.forget();
    this.settle?.done({ ...ended, suspended: suspend });
    return Promise.resolve(ended);
  }

  private simulationOptions(): SimulationOptions {
    const { scenario, seed, log, resumed, encodeSnapshot, onFact, onSpan, snapshotEveryNs } = this.options;
    const { from, logged } = resumed ?? {};
    return { scenario, seed, log: log.writer, encodeSnapshot, from, logged, onFact, onSpan, snapshotEveryNs };
  }

  /** Takes what the log has got since: for the view, the followers and the book of requests. */
  private takeIn(): void {
    for (const batch of this.options.log.fresh()) {
      for (const fact of batch.facts) foldFact(this.view, fact);
      for (const record of batch.commands) {
        foldCommand(this.view, record);
        this.book.add(record);
      }
      this.feed.append(batch);
    }
  }

  private wake(): void {
    this.forget();
    if (this.settle === undefined || this.state === 'ended') return;
    this.forget = this.options.clock.after(0, () => this.turn());
  }

  private turn(): void {
    try {
      if (this.state === 'catching-up') this.catchUp();
      else this.move();
    } catch (error) {
      this.state = 'ended';
      this.settle?.fail(error);
    }
  }

  private catchUp(): void {
    this.advance(this.catchUpTo, SECOND_NS);
    if (this.now >= this.catchUpTo) {
      this.simulation.takeCommands();
      this.state = 'running';
      this.pacing.restart(this.options.clock.now(), this.now);
    }
    this.wake();
  }

  private move(): void {
    const { clock } = this.options;
    const [step] = this.steps;
    if (step === undefined && this.paused) return;
    const until = step === undefined ? this.pacing.allowed(clock.now(), this.now) : step.until;
    this.advance(until, this.windowNs);
    this.pacing.note(clock.now(), this.now);
    if (step !== undefined && this.now >= step.until) {
      this.steps.shift();
      step.done(this.pace());
    }
    const wait = this.steps.length > 0 || this.paused ? 0 : this.pacing.waitMs(clock.now(), this.now);
    this.forget = clock.after(Math.max(0, wait), () => this.turn());
  }

  /** Goes on for one turn at most. @param pieceNs between looks at the clock */
  private advance(until: number, pieceNs: number): void {
    const { clock, scenario } = this.options;
    const turnEnd = clock.now() + TURN_MS;
    const end = Math.min(until, scenario.durationNs);
    while (this.now < end && clock.now() < turnEnd) {
      this.simulation.advance(Math.min(end, this.now + pieceNs));
    }
    this.takeIn();
  }

  private pace(): Pace {
    return { time: this.now, speed: this.pacing.speed, paused: this.paused };
  }

  private mustRun(): void {
    if (this.state === 'running') return;
    const what = this.state === 'ended' ? 'the run has ended' : 'the run is still reading its log: try again';
    throw new ControlError('UNAVAILABLE', what);
  }
}
