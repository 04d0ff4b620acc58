/**
 * A live run is a simulation paced to the wall clock and driven from outside: the control API's run, in one process.
 *
 * Rules. 1. Between turns the run stands at a control boundary: commands are taken there, and nowhere else.
 *        2. What is told to anybody is in the log.
 *        3. A log that is gone on with is recomputed to its end first; until then commands are refused.
 */
import type { HostOptions, HostFact } from '@orrery/actor';
import type { CommandRecord, RunStatus } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import {
  ControlError,
  type FactFeed,
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
import { boundaryAt } from '../commands.ts';
import { engine } from '../engine.ts';
import { catalogue } from '../services.ts';
import { Simulation, type SimulationOptions, type SimulationSnapshot } from '../simulation.ts';
import type { Clock } from './clock.ts';
import { Intake } from './intake.ts';
import type { LiveLog, LogReaders } from './live-log.ts';
import { statusOf } from './status.ts';
import { Turns } from './turns.ts';

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

/** How a live run ended. */
export type LiveEnd = Ended & { suspended: boolean };

export class LiveRun implements RunControl {
  readonly datacenter: RunControl['datacenter'];
  readonly catalogue = catalogue;
  private readonly options: LiveRunOptions;
  private readonly simulation: Simulation;
  private readonly turns: Turns;
  private readonly intake: Intake;
  private settle: { done: (end: LiveEnd) => void; fail: (error: unknown) => void } | undefined;

  constructor(options: LiveRunOptions) {
    const { scenario, log, resumed, speed, clock, paused = false } = options;
    const { controlWindowNs } = scenario.datacenter;
    this.options = options;
    this.datacenter = scenario.datacenter;
    this.intake = new Intake(scenario, log);
    this.simulation = new Simulation(this.simulationOptions());
    this.turns = new Turns({
      simulation: this.simulation,
      clock,
      speed,
      paused,
      catchUpTo: boundaryAt(resumed?.upTo ?? 0, controlWindowNs),
      moved: () => this.intake.take(),
      failed: (error) => this.settle?.fail(error),
    });
  }

  /** Runs until it is ended. @throws HandlerFailure, LogError */
  run(): Promise<LiveEnd> {
    const over = new Promise<LiveEnd>((done, fail) => {
      this.settle = { done, fail };
    });
    this.turns.start();
    return over;
  }

  get view(): DatacenterView {
    return this.intake.view;
  }

  get feed(): FactFeed {
    return this.intake.feed;
  }

  get faultIdsTaken(): Set<string> {
    return this.intake.faultIdsTaken;
  }

  get now(): number {
    return this.simulation.now;
  }

  status(): RunStatus {
    const { scenario, seed, runId, log, figures } = this.options;
    const { speed, time, paused } = this.turns.pace();
    const state = this.turns.state === 'running' && paused ? 'paused' : this.turns.state;
    return statusOf(
      {
        runId,
        name: scenario.name,
        seed,
        engine,
        time,
        speed: speed === Infinity ? 0 : speed,
        paused,
        speedNow: this.turns.speedNow(),
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
      this.intake.view,
    );
  }

  revertAt(faultId: string): number {
    return this.simulation.revertAt(faultId);
  }

  accepted(requestId: string): Accepted | undefined {
    return this.intake.book.find(requestId);
  }

  submit({ command, text, askedBy, requestId }: Submission): Promise<Accepted> {
    const before = this.intake.book.find(requestId);
    if (before !== undefined) return Promise.resolve(before);
    this.mustRun();
    if (command.kind === 'inject') this.intake.faultIdsTaken.add(command.faultId);
    const record = this.simulation.submit({ stamped: { command, text, askedBy }, requestId });
    this.intake.take();
    return Promise.resolve(this.intake.book.add(record));
  }

  setSpeed(speed: number): Pace {
    return this.turns.setSpeed(speed);
  }

  pause(): Pace {
    return this.turns.setPaused(true);
  }

  resume(): Pace {
    return this.turns.setPaused(false);
  }

  step(boundaries: number): Promise<Pace> {
    this.mustRun();
    return this.turns.step(boundaries);
  }

  snapshot(): Promise<number> {
    this.mustRun();
    this.simulation.takeCommands();
    this.options.log.writer.writeSnapshot(this.now, this.options.encodeSnapshot(this.simulation.snapshot()));
    this.intake.take();
    return Promise.resolve(this.now);
  }

  ask(question: Question, patience: Patience): Promise<Answer> {
    this.options.log.writer.commitBatch(this.now);
    this.intake.take();
    return this.options.readers.ask({ ...question, at: question.at ?? this.now }, patience);
  }

  exportLog(format: string, patience: Patience): AsyncIterable<Uint8Array> {
    return this.options.readers.exportLog(format, patience);
  }

  end(suspend: boolean): Promise<Ended> {
    const { state } = this.turns;
    if (state === 'ended' || !suspend) this.mustRun();
    if (state === 'running') this.simulation.takeCommands();
    const { facts, commandsTaken: commands, now: time } = this.simulation;
    const ended = { time, digest: this.simulation.digest(), facts, commands, log: this.options.log.folder };
    if (suspend) {
      this.options.log.writer.close();
    } else this.simulation.end();
    this.turns.stop();
    this.intake.take();
    this.settle?.done({ ...ended, suspended: suspend });
    return Promise.resolve(ended);
  }

  private simulationOptions(): SimulationOptions {
    const { scenario, seed, log, resumed, encodeSnapshot, onFact, onSpan, snapshotEveryNs } = this.options;
    const { from, logged } = resumed ?? {};
    return { scenario, seed, log: log.writer, encodeSnapshot, from, logged, onFact, onSpan, snapshotEveryNs };
  }

  private mustRun(): void {
    const { state } = this.turns;
    if (state === 'running') return;
    const what = state === 'ended' ? 'the run has ended' : 'the run is still reading its log: try again';
    throw new ControlError('UNAVAILABLE', what);
  }
}
