/**
 * Pacing says up to which control boundary a run may go by the wall clock; it moves nothing itself.
 *
 * Why.       A live datacenter is watched: simulated seconds should last as long as asked for.
 * Intuition. A line through the moment at which the speed was last set; the run stays at most one window ahead of it.
 * Rules.     1. The window that begins at a boundary runs once the wall clock has reached that boundary.
 *            2. A run that cannot keep up is not driven to make up for it: it loses at most `LAG_MS` to catching up.
 * Law.       allowed = sim0 + (wall − wall0) × speed; the window that holds `allowed` may run to its end.
 */

/** Lag that is still made up for, ms. More: a burst after each hiccup; less: hiccups slow the run for good. */
const LAG_MS = 1000;
/** Over which time the real speed is told, ms. */
const SPEED_WINDOW_MS = 5000;

export class Pacing {
  private readonly windowNs: number;
  private anchor = { wallMs: 0, simNs: 0 };
  private samples: { wallMs: number; simNs: number }[] = [];
  /** Simulated seconds a second; Infinity: as fast as it goes. */
  speed: number;

  constructor(windowNs: number, speed: number) {
    this.windowNs = windowNs;
    this.speed = speed;
  }

  /** Begins anew from here: after a pause, or with another speed. */
  restart(wallMs: number, simNs: number, speed = this.speed): void {
    this.speed = speed;
    this.anchor = { wallMs, simNs };
    this.samples = [{ wallMs, simNs }];
  }

  /** The boundary up to which the run may go now, ns. */
  allowed(wallMs: number, simNs: number): number {
    if (this.speed === Infinity) return Infinity;
    const nsPerMs = this.speed * 1e6;
    const due = this.anchor.simNs + (wallMs - this.anchor.wallMs) * nsPerMs;
    if (due - simNs <= LAG_MS * nsPerMs) return (Math.floor(due / this.windowNs) + 1) * this.windowNs;
    this.anchor = { wallMs, simNs };
    return simNs + this.windowNs;
  }

  /** How long until the window at `simNs` may run, ms; 0 or less: it may. */
  waitMs(wallMs: number, simNs: number): number {
    if (this.speed === Infinity) return 0;
    return this.anchor.wallMs + (simNs - this.anchor.simNs) / (this.speed * 1e6) - wallMs;
  }

  /** Notes how far the run has come. */
  note(wallMs: number, simNs: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && wallMs - last.wallMs < 100) return;
    this.samples.push({ wallMs, simNs });
    while ((this.samples[1]?.wallMs ?? Infinity) < wallMs - SPEED_WINDOW_MS) this.samples.shift();
  }

  /** Simulated seconds a second, of the last seconds. */
  speedNow(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.wallMs <= first.wallMs) return 0;
    return (last.simNs - first.simNs) / 1e6 / (last.wallMs - first.wallMs);
  }
}
