/**
 * Turns move a simulation on, a few milliseconds of the event loop at a time; between them it stands at a control boundary.
 *
 * Rules. 1. A turn is short, so that calls and followers have theirs.
 *        2. What the log had at the beginning is recomputed first, as fast as it goes.
 *        3. While paused only steps move it.
 */
import type { Pace } from '@orrery/headnode/control';
import type { Simulation } from '../simulation.ts';
import type { Clock } from './clock.ts';
import { Pacing } from './pacing.ts';

export interface TurnsOptions {
  simulation: Simulation;
  clock: Clock;
  /** Simulated seconds a second; Infinity: as fast as it goes. */
  speed: number;
  paused: boolean;
  /** Boundary up to which a log is recomputed, ns. */
  catchUpTo: number;
  /** Told after each turn. */
  moved: () => void;
  /** Told of what ends the run against its will. */
  failed: (error: unknown) => void;
}

// How long the run keeps the event loop in one turn, ms. More: calls wait longer; less: more turns for nothing.
const TURN_MS = 15;
const SECOND_NS = 1_000_000_000;

export class Turns {
  private readonly options: TurnsOptions;
  private readonly pacing: Pacing;
  private readonly windowNs: number;
  private steps: { until: number; done: (pace: Pace) => void }[] = [];
  private forget: () => void = () => undefined;
  private paused: boolean;
  state: 'catching-up' | 'running' | 'ended';

  constructor(options: TurnsOptions) {
    this.options = options;
    this.windowNs = options.simulation.scenario.datacenter.controlWindowNs;
    this.pacing = new Pacing(this.windowNs, options.speed);
    this.paused = options.paused;
    this.state = options.simulation.now < options.catchUpTo ? 'catching-up' : 'running';
  }

  start(): void {
    this.options.simulation.takeCommands();
    this.restart();
  }

  stop(): void {
    this.state = 'ended';
    this.forget();
    for (const { done } of this.steps.splice(0)) done(this.pace());
  }

  pace(): Pace {
    return { time: this.options.simulation.now, speed: this.pacing.speed, paused: this.paused };
  }

  speedNow(): number {
    return this.paused ? 0 : this.pacing.speedNow();
  }

  setSpeed(speed: number): Pace {
    this.restart(speed);
    return this.pace();
  }

  setPaused(paused: boolean): Pace {
    this.paused = paused;
    this.restart();
    return this.pace();
  }

  /** Runs so many windows, then pauses. */
  step(boundaries: number): Promise<Pace> {
    this.paused = true;
    const from = this.steps.at(-1)?.until ?? this.options.simulation.now;
    return new Promise((done) => {
      this.steps.push({ until: from + boundaries * this.windowNs, done });
      this.later(0);
    });
  }

  private restart(speed?: number): void {
    this.pacing.restart(this.options.clock.now(), this.options.simulation.now, speed);
    this.later(0);
  }

  private later(ms: number): void {
    this.forget();
    if (this.state !== 'ended') this.forget = this.options.clock.after(ms, () => this.turn());
  }

  private turn(): void {
    try {
      if (this.state === 'catching-up') this.catchUp();
      else this.move();
    } catch (error) {
      this.stop();
      this.options.failed(error);
    }
  }

  private catchUp(): void {
    const { simulation, catchUpTo } = this.options;
    this.advance(catchUpTo, SECOND_NS);
    if (simulation.now >= catchUpTo) {
      simulation.takeCommands();
      this.state = 'running';
      this.restart();
    } else this.later(0);
  }

  private move(): void {
    const { clock, simulation } = this.options;
    const [step] = this.steps;
    if (step === undefined && this.paused) return;
    this.advance(step?.until ?? this.pacing.allowed(clock.now(), simulation.now), this.windowNs);
    this.pacing.note(clock.now(), simulation.now);
    const over = simulation.now >= simulation.scenario.durationNs;
    if (step !== undefined && (over || simulation.now >= step.until)) {
      this.steps.shift();
      step.done(this.pace());
    }
    if (over) this.paused = true;
    if (this.paused && this.steps.length === 0) return;
    this.later(this.steps.length > 0 ? 0 : Math.max(0, this.pacing.waitMs(clock.now(), simulation.now)));
  }

  /** Goes on for one turn at most. @param pieceNs between looks at the clock */
  private advance(until: number, pieceNs: number): void {
    const { clock, simulation, moved } = this.options;
    const turnEnd = clock.now() + TURN_MS;
    const end = Math.min(until, simulation.scenario.durationNs);
    while (simulation.now < end && clock.now() < turnEnd) {
      simulation.advance(Math.min(end, simulation.now + pieceNs));
    }
    moved();
  }
}
