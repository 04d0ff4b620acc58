/** A handler failed: a bug, told with what reproduces it. */
export class HandlerFailure extends Error {
  readonly seed: number;
  readonly time: number;
  readonly event: number;

  constructor(what: string, where: { seed: number; time: number; event: number; cause?: unknown }) {
    const reason = where.cause instanceof Error ? `: ${where.cause.message}` : '';
    super(`${what}${reason} (seed ${where.seed}, time ${where.time} ns, event ${where.event})`, {
      cause: where.cause,
    });
    this.name = 'HandlerFailure';
    this.seed = where.seed;
    this.time = where.time;
    this.event = where.event;
  }
}
