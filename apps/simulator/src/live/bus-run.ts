/**
 * A bus run is a datacenter whose services are other processes, driven from outside: the control API's run, in the headnode's
 * process. It computes nothing itself; it holds boundaries to the wall clock, and keeps the log that the services' facts make.
 *
 * Rules. 1. Commands take effect at the first boundary not yet closed, and are answered once the broker has them.
 *        2. What is told to anybody is in the log, and the log is that of one process.
 *        3. Paused, boundaries stay open; a step, and a command, close one.
 */
import type { FactBatch, BoundaryClosed, RunStatus, SpanFigures } from '@orrery/proto';
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
import { engine } from '../engine.ts';
import { gatherer, type Gatherer, type GathererOptions, type Past } from '../parts/gather.ts';
import { recorderOf, type Recorder } from '../parts/recorder.ts';
import type { CloseOptions } from '../parts/closing-part.ts';
import type { SavedShards } from '../parts/whole.ts';
import { catalogue } from '../services.ts';
import type { OutsideCommand } from '../simulation.ts';
import type { Clock } from './clock.ts';
import { Intake } from './intake.ts';
import type { LiveLog, LogReaders } from './live-log.ts';
import { LogSnapshots, type AwaitedSnapshot } from './log-snapshots.ts';
import { Pacer } from './pacer.ts';
import { statusOf } from './status.ts';

/** The headnode's replica, as a bus run drives it. */
export interface HeadReplica {
  /** The boundary that may be closed, ns. */
  readonly closable: number | undefined;
  /** @returns whether it closed one */
  close(options: CloseOptions): boolean;
  /** For the first boundary not yet closed. @throws RangeError when nobody has the target's address */
  submit(command: OutsideCommand): void;
  revertAt(faultId: string): number;
  /** As the tracer said last; undefined: there is none. */
  spans(): SpanFigures | undefined;
}

export interface BusRunOptions {
  scenario: Scenario;
  seed: number;
  runId: string;
  clock: Clock;
  log: LiveLog;
  readers: LogReaders;
  /** Simulated seconds a second; Infinity: as fast as it goes. */
  speed: number;
  paused?: boolean;
  /** What the log has, when it is gone on with. */
  past?: Past;
  /** Turns what all shards saved into bytes, at once. */
  encodeShards: (saved: SavedShards) => Uint8Array;
  onFact?: GathererOptions['onFact'];
  /** Figures of spans and followers, for the status. */
  figures?: () => Partial<RunStatus>;
}

export class BusRun implements RunControl {
  readonly datacenter: RunControl['datacenter'];
  readonly catalogue = catalogue;
  private readonly options: BusRunOptions;
  private readonly gathered: Gatherer;
  private readonly recorder: Recorder;
  private readonly pacer: Pacer;
  private readonly intake: Intake;
  private readonly waiting = new Map<string, (accepted: Accepted) => void>();
  private readonly snapshots: ((time: number) => void)[] = [];
  private readonly logSnapshots: LogSnapshots;
  private head: HeadReplica | undefined;
  private boundary: number;
  private ending: Promise<Ended> | undefined;
  private ended: ((end: Ended & { suspended: boolean }) => void) | undefined;
  private waiters: { time: number; tell: () => void }[] = [];
  /** Resolves when it is ended from outside. */
  readonly over: Promise<Ended & { suspended: boolean }>;

  constructor(options: BusRunOptions) {
    const { scenario, log, past, speed, clock, paused = false } = options;
    const { controlWindowNs } = scenario.datacenter;
    this.options = options;
    this.datacenter = scenario.datacenter;
    this.intake = new Intake(scenario, log);
    this.over = new Promise((done) => (this.ended = done));
    this.boundary = past?.upTo ?? 0;
    this.recorder = recorderOf(log.writer, this.boundary);
    this.logSnapshots = new LogSnapshots(this.boundary);
    this.gathered = gatherer({
      scenario,
      past,
      onFact: options.onFact,
      onWindow: (window) => {
        this.recorder.write(window);
        this.logSnapshots.reached(window.upTo, this.gathered.facts);
      },
    });
    this.pacer = new Pacer({
      windowNs: controlWindowNs,
      speed,
      paused,
      clock,
      close: (closing) => this.close(closing),
    });
  }

  /** The headnode's replica is there. */
  attach(head: HeadReplica): void {
    this.head = head;
  }

  /** The headnode's replica may close a boundary; said again while it is not closed. */
  onClose(): void {
    const boundary = this.head?.closable;
    if (boundary === undefined || this.ending !== undefined) return;
    this.boundary = boundary;
    this.pacer.offer(boundary);
  }

  /** A boundary's message is stored: its commands are answered. */
  onStored({ commands, number, boundary, snapshot }: BoundaryClosed): void {
    for (const { command, own } of commands) {
      if (command === undefined || own) continue;
      const accepted = this.intake.book.add(command);
      this.waiting.get(command.requestId)?.(accepted);
      this.waiting.delete(command.requestId);
    }
    if (!snapshot) return;
    this.logSnapshots.stored(number, boundary);
    for (const tell of this.snapshots.splice(0)) tell(boundary);
  }

  /** Takes what the services said. */
  take(batches: readonly FactBatch[]): void {
    for (const batch of batches) this.gathered.add(batch);
    if (batches.length > 0 && this.pacer.isPaced) this.recorder.commit();
    this.intake.take();
    const { upTo } = this.gathered;
    for (const { tell } of this.waiters.filter(({ time }) => time <= upTo)) tell();
    this.waiters = this.waiters.filter(({ time }) => time > upTo);
  }

  /** The snapshot whose shards the log wants. */
  get wantedSnapshot(): AwaitedSnapshot | undefined {
    return this.ending === undefined ? this.logSnapshots.next : undefined;
  }

  /** Takes what every shard saved of the wanted snapshot. @param closing of the headnode's shard */
  keepSnapshot(closing: Uint8Array, others: readonly Uint8Array[]): void {
    const wanted = this.wantedSnapshot;
    if (wanted === undefined) return;
    const { boundary: time, facts } = wanted;
    const { seed, log, encodeShards } = this.options;
    log.writer.writeSnapshot(time, encodeShards({ seed, time, events: 0, facts, closing, others }));
    this.logSnapshots.kept(time);
    this.intake.take();
  }

  /** Everything before it is in the log, ns: the broker need not keep it. */
  get logged(): number {
    return this.recorder.committed;
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
    return this.boundary;
  }

  status(): RunStatus {
    const { scenario, seed, runId, log, figures } = this.options;
    const { speed, paused } = this.pacer.pace();
    const spans = this.head?.spans();
    const running = !this.pacer.isBegun ? 'waiting' : paused ? 'paused' : 'running';
    return statusOf(
      {
        runId,
        name: scenario.name,
        seed,
        engine,
        time: this.boundary,
        speed: speed === Infinity ? 0 : speed,
        paused,
        speedNow: this.pacer.speedNow(),
        events: this.gathered.events,
        facts: this.gathered.facts,
        commands: this.intake.commands,
        log: log.folder,
        followers: 0,
        spansExported: spans?.exported ?? 0,
        spansSampledOut: spans?.sampledOut ?? 0,
        spansFailed: spans?.failed ?? 0,
        state: this.ending === undefined ? running : 'ended',
        digest: this.gathered.digest(),
        ...figures?.(),
      },
      this.intake.view,
    );
  }

  revertAt(faultId: string): number {
    return this.head?.revertAt(faultId) ?? 0;
  }

  accepted(requestId: string): Accepted | undefined {
    return this.intake.book.find(requestId);
  }

  submit({ command, text, askedBy, requestId }: Submission): Promise<Accepted> {
    const before = this.intake.book.find(requestId);
    if (before !== undefined) return Promise.resolve(before);
    const head = this.mustRun();
    if (command.kind === 'inject') this.intake.faultIdsTaken.add(command.faultId);
    return new Promise((done) => {
      const first = this.waiting.get(requestId);
      this.waiting.set(requestId, (accepted) => {
        first?.({ ...accepted, again: true });
        done(first === undefined ? accepted : { ...accepted, again: true });
      });
      if (first === undefined) head.submit({ stamped: { command, text, askedBy }, requestId });
      this.pacer.nudge();
    });
  }

  setSpeed(speed: number): Pace {
    return this.pacer.setSpeed(speed);
  }

  pause(): Pace {
    return this.pacer.setPaused(true);
  }

  resume(): Pace {
    return this.pacer.setPaused(false);
  }

  async step(boundaries: number): Promise<Pace> {
    this.mustRun();
    const pace = await this.pacer.step(boundaries);
    await this.told(pace.time);
    return pace;
  }

  snapshot(): Promise<number> {
    this.mustRun();
    return new Promise((done) => {
      this.snapshots.push(done);
      this.pacer.nudge();
    });
  }

  ask(question: Question, patience: Patience): Promise<Answer> {
    this.recorder.commit();
    this.intake.take();
    return this.options.readers.ask({ ...question, at: question.at ?? this.recorder.upTo }, patience);
  }

  exportLog(format: string, patience: Patience): AsyncIterable<Uint8Array> {
    this.recorder.commit();
    this.intake.take();
    return this.options.readers.exportLog(format, patience);
  }

  end(suspend: boolean): Promise<Ended> {
    this.ending ??= this.finish(suspend);
    return this.ending;
  }

  /** No boundary is closed any more; what the services have said of those before is awaited. */
  private async finish(suspend: boolean): Promise<Ended> {
    this.pacer.stop();
    const { log } = this.options;
    const time = this.boundary;
    if (!suspend) await this.told(time);
    this.recorder.commit();
    this.intake.take();
    const digest = this.gathered.digest();
    if (!suspend) log.writer.end({ time, digest, events: this.gathered.events });
    log.writer.close();
    this.intake.take();
    const { facts } = this.gathered;
    const end = {
      time: suspend ? this.recorder.upTo : time,
      digest,
      facts,
      commands: this.intake.commands,
      log: log.folder,
    };
    this.ended?.({ ...end, suspended: suspend });
    return end;
  }

  /** Resolves when the services have told everything before a time, ns. */
  private told(time: number): Promise<void> {
    if (this.gathered.upTo >= time) return Promise.resolve();
    return new Promise((tell) => void this.waiters.push({ time, tell }));
  }

  private close(closing: CloseOptions): boolean {
    const boundary = this.head?.closable;
    if (this.head === undefined || boundary === undefined) return false;
    const snapshot = boundary > 0 && (this.snapshots.length > 0 || this.logSnapshots.isDue(boundary));
    if (!this.head.close({ ...closing, snapshot })) return false;
    if (!snapshot) return true;
    this.recorder.endAt(boundary);
    this.logSnapshots.closed(boundary, this.gathered.upTo === boundary ? this.gathered.facts : undefined);
    return true;
  }

  private mustRun(): HeadReplica {
    if (this.ending !== undefined) throw new ControlError('UNAVAILABLE', 'the run has ended');
    if (this.head === undefined || !this.pacer.isBegun)
      throw new ControlError('UNAVAILABLE', 'the run is still waiting for its services: try again');
    return this.head;
  }
}
