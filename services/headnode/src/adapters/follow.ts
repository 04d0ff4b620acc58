/**
 * Serves all followers in turns, a few milliseconds of the event loop at a time, so that they hold up nobody.
 *
 * Rules. 1. A follower that waits for its client waits outside the queue: nothing is read for it meanwhile.
 *        2. Turns go round; who was served goes to the end.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { FollowFactsRequest } from '@orrery/proto';
import { invalid, type RunControl } from '../control/index.ts';
import { windowOf } from '../control/cursor.ts';
import { wantedOf } from '../control/wanted.ts';
import type { Follower, Wanted } from '../control/index.ts';

export type FollowCall = ServerWritableStream<object, object>;

// A turn of the event loop for all followers together, ms. More: the run and other calls wait; less: more turns.
const TURN_MS = 5;
// Bytes of facts in one message, about.
const MESSAGE_BYTES = 128 * 1024;

interface Served {
  call: FollowCall;
  follower: Follower;
  wanted: Wanted;
  untilNow: boolean;
}

export class Followers {
  private readonly run: RunControl;
  private readonly all = new Set<Served>();
  private ready: Served[] = [];
  private idle: Served[] = [];
  private scheduled = false;
  private listening = false;

  constructor(run: RunControl) {
    this.run = run;
  }

  get count(): number {
    return this.all.size;
  }

  /** @throws ControlError on a request that cannot be followed */
  add(call: FollowCall, request: FollowFactsRequest): void {
    const { feed, view } = this.run;
    const addressOf = (actor: number) => view.addresses.get(actor) ?? `#${actor}`;
    const { types, actors, fromTime } = request;
    const wanted = wantedOf({ types, actors, fromTime: request.after ? 0 : fromTime }, addressOf);
    const served = { call, wanted, follower: feed.follow(this.startOf(request)), untilNow: request.untilNow };
    this.all.add(served);
    call.on('cancelled', () => this.remove(served));
    call.on('error', () => this.remove(served));
    call.on('close', () => this.remove(served));
    this.enqueue(served);
  }

  /** Ends every stream. */
  close(): void {
    for (const served of this.all) served.call.end();
    this.all.clear();
  }

  private startOf({ after, fromNow, fromTime }: FollowFactsRequest): { boundary: number; order: number } {
    const { feed, datacenter } = this.run;
    const window = datacenter.controlWindowNs;
    if (after !== undefined) {
      if (after.boundary % window === 0) return after;
      const description = `${after.boundary} is no control boundary: a multiple of ${window} ns`;
      throw invalid([{ field: 'after.boundary', description }]);
    }
    return fromNow ? feed.now() : { boundary: windowOf(fromTime, window), order: 0 };
  }

  private remove(served: Served): void {
    this.all.delete(served);
  }

  private enqueue(served: Served): void {
    if (!this.all.has(served)) return;
    this.ready.push(served);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.scheduled = false;
    const until = performance.now() + TURN_MS;
    const { ready } = this;
    this.ready = [];
    let served = 0;
    while (served < ready.length && performance.now() < until) this.serve(ready[served++] as Served);
    if (served < ready.length) this.ready = [...ready.slice(served), ...this.ready];
    if (this.ready.length > 0) this.schedule();
  }

  private serve(served: Served): void {
    if (!this.all.has(served)) return;
    const { call, follower, wanted, untilNow } = served;
    const { pieces, more } = this.run.feed.read(follower, wanted, MESSAGE_BYTES);
    if (pieces.length > 0) {
      call.write({ encoded: pieces }, () => this.enqueue(served));
    } else if (more) {
      this.enqueue(served);
    } else if (untilNow) {
      this.remove(served);
      call.end();
    } else {
      this.idle.push(served);
      this.listen();
    }
  }

  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    this.run.feed.whenMore(() => {
      this.listening = false;
      const { idle } = this;
      this.idle = [];
      for (const served of idle) this.enqueue(served);
    });
  }
}
