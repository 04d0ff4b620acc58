/**
 * The pacer says when a boundary that may be closed is closed: by the wall clock, by steps, or at once.
 *
 * Rules. 1. A boundary is closed once the wall clock has reached it, at the chosen speed.
 *        2. Paused, it is closed by a step, or because a command waits for it.
 *        3. A run that goes as fast as it can skips idle time; one that is paced or paused closes every boundary.
 */
import type { Pace } from '@orrery/headnode/control';
import type { CloseOptions } from '../parts/closing-part.ts';
import type { Clock } from './clock.ts';
import { Pacing } from './pacing.ts';

/** Between looks whether replicas that are waited for are there, ms. */
const LOOK_MS = 50;

export interface PacerOptions {
  windowNs: number;
  /** Simulated seconds a second; Infinity: as fast as it goes. */
  speed: number;
  paused: boolean;
  clock: Clock;
  /** @returns whether a boundary was closed */
  close: (options: CloseOptions) => boolean;
}

export class Pacer {
  private readonly options: PacerOptions;
  private readonly pacing: Pacing;
  private paused: boolean;
  private stopped = false;
  private nudged = false;
  /** Whether a boundary was offered: all services are there, and where they were. */
  isBegun = false;
  /** The boundary that may be closed, ns. */
  private offered: number | undefined;
  private reached = 0;
  private steps: { until: number; done: (pace: Pace) => void }[] = [];
  private forget: (() => void) | undefined;

  constructor(options: PacerOptions) {
    this.options = options;
    this.paused = options.paused;
    this.pacing = new Pacing(options.windowNs, options.speed);
  }

  /** The boundary may be closed. */
  offer(boundary: number): void {
    if (this.offered === boundary) return;
    this.offered = boundary;
    this.reached = boundary;
    if (!this.isBegun) this.pacing.restart(this.options.clock.now(), boundary);
    this.isBegun = true;
    this.pacing.note(this.options.clock.now(), boundary);
    this.settleSteps();
    this.look();
  }

  /** Somebody waits for the next boundary. */
  nudge(): void {
    if (!this.paused || this.steps.length > 0) return;
    this.nudged = true;
    this.look();
  }

  stop(): void {
    this.stopped = true;
    this.forget?.();
    for (const { done } of this.steps.splice(0)) done(this.pace());
  }

  pace(): Pace {
    return { time: this.reached, speed: this.pacing.speed, paused: this.paused };
  }

  /** Whether it waits for the wall clock, or for steps. */
  get isPaced(): boolean {
    return this.paused || this.pacing.speed !== Infinity;
  }

  speedNow(): number {
    return this.paused ? 0 : this.pacing.speedNow();
  }

  setSpeed(speed: number): Pace {
    this.pacing.restart(this.options.clock.now(), this.reached, speed);
    this.look();
    return this.pace();
  }

  setPaused(paused: boolean): Pace {
    this.paused = paused;
    this.pacing.restart(this.options.clock.now(), this.reached);
    this.look();
    return this.pace();
  }

  /** Runs so many windows, then pauses. */
  step(boundaries: number): Promise<Pace> {
    this.paused = true;
    const from = this.steps.at(-1)?.until ?? this.reached;
    return new Promise((done) => {
      this.steps.push({ until: from + boundaries * this.options.windowNs, done });
      this.look();
    });
  }

  private settleSteps(): void {
    for (let [first] = this.steps; first !== undefined && this.reached >= first.until; [first] = this.steps) {
      this.steps.shift();
      first.done(this.pace());
    }
  }

  /** Closes what is offered, now or when it is time. */
  private look(): void {
    this.forget?.();
    this.forget = undefined;
    if (this.offered === undefined || this.stopped) return;
    const { clock, close } = this.options;
    const pushed = this.steps.length > 0 || this.nudged;
    if (this.paused && !pushed) return;
    if (!pushed && this.pacing.allowed(clock.now(), this.offered) <= this.offered) {
      this.forget = clock.after(Math.max(1, this.pacing.waitMs(clock.now(), this.offered)), () =>
        this.look(),
      );
      return;
    }
    const offered = this.offered;
    if (close({ hold: this.isPaced })) {
      this.nudged = false;
      if (this.offered === offered) this.offered = undefined;
    } else this.forget = clock.after(LOOK_MS, () => this.look());
  }
}
