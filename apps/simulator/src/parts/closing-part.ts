/** The headnode's part of a run: what it runs of the simulation, and its word at each control boundary. */
import type { WindowedHost } from '@orrery/actor';
import { ask, type Runner } from '@orrery/bus';
import type { CommandRecord, Member } from '@orrery/proto';
import { CommandQueue, type QueuePlace } from '../command-queue.ts';
import {
  boundaryAt,
  recordOf,
  routeCommand,
  routeRecord,
  stampTimeline,
  type StampedCommand,
} from '../commands.ts';
import type { OutsideCommand } from '../simulation.ts';
import { createPart, type PartOptions } from './part.ts';

/** Simulated time between snapshots, ns: what a replica that died has to run again at most. */
const SNAPSHOT_EVERY_NS = 10_000_000_000;
/** Commands from outside of one boundary, bytes, or one more: a broker takes no message of any size. The rest come at the next. */
const ASKED_BYTES = 1 << 18;
/** Begins the request id of a command of the specification; no caller's may. */
export const OWN = 'orrery:spec:';

/** What the shard of the headnode saves: what entered of the specification, and the shard itself. */
export interface ClosingSaved {
  commands: QueuePlace;
  shard: Uint8Array;
}

export interface CloseOptions {
  /** The next boundary is closed too, even when nothing happens before it. */
  hold?: boolean;
  /** Every replica snapshots here, whether or not it is time for it. */
  snapshot?: boolean;
}

/** The headnode's part of a scenario: its commands are what happens next although no event says so. */
export class ClosingPart {
  readonly part: ReturnType<typeof createPart>;
  private readonly timeline: readonly StampedCommand[];
  /** What entered so far. */
  private queue: CommandQueue;
  /** From outside, to be said with the next boundary. */
  private asked: OutsideCommand[] = [];

  constructor(options: PartOptions) {
    this.part = createPart(options);
    this.timeline = stampTimeline(options.scenario);
    this.queue = new CommandQueue(this.timeline, [], undefined);
    this.keepQueue(options);
  }

  /**
   * Takes a command from outside, for the first boundary not yet closed; it is lost with this process until it is stored.
   * @throws RangeError when nobody has the target's address
   */
  submit(command: OutsideCommand): void {
    routeCommand(this.part.simulation.host, { ...command.stamped, time: 0 });
    this.asked.push(command);
  }

  /**
   * Closes the boundary that may be closed, with the commands due there.
   * @param members of a new epoch; undefined: none begins, and the first boundary is not closed
   * @returns whether it closed one
   */
  close(
    runner: Runner,
    members: () => Member[] | undefined,
    { hold = false, snapshot = false }: CloseOptions = {},
  ): boolean {
    const { closing } = runner;
    const wanted = closing && members();
    if (closing === undefined || (closing.number === 1 && wanted === undefined)) return false;
    const { boundary, number } = closing;
    for (const command of this.dueAt(boundary)) this.ask(runner, command, true);
    for (let bytes = 0; this.asked.length > 0 && bytes < ASKED_BYTES;) {
      const { stamped, requestId } = this.asked.shift() as OutsideCommand;
      const record = recordOf(routeCommand(this.part.simulation.host, { ...stamped, time: boundary }));
      bytes += record.payload.length;
      const forNs = stamped.command.kind === 'inject' ? stamped.command.forNs : 0;
      const revertAt =
        forNs > 0 ? boundaryAt(boundary + forNs, this.part.simulation.host.rules.controlWindowNs) : 0;
      this.ask(runner, { ...record, requestId, revertAt }, false);
    }
    const before = runner.replica.position.boundary;
    const due = Math.floor(boundary / SNAPSHOT_EVERY_NS) > Math.floor(before / SNAPSHOT_EVERY_NS);
    runner.close({ hold, snapshot: number > 1 && (snapshot || due), ...(wanted && { members: wanted }) });
    return true;
  }

  /** Whether a command from outside waits for the next boundary. */
  get isAsked(): boolean {
    return this.asked.length > 0;
  }

  /** When a fault is reverted by itself, ns; 0: never. */
  revertAt(faultId: string): number {
    return this.queue.revertAt(faultId);
  }

  /** The specification's commands of a boundary, as they will enter there: the queue itself goes on when they have. */
  private dueAt(boundary: number): CommandRecord[] {
    const ahead = new CommandQueue(this.timeline, [], this.queue.where());
    const due: CommandRecord[] = [];
    for (let next = ahead.take(boundary); next?.from === 'timeline'; next = ahead.take(boundary)) {
      const routed = routeCommand(this.part.simulation.host, next.stamped);
      ahead.note(routed, 0);
      due.push({ ...recordOf(routed), requestId: `${OWN}${ahead.taken}` });
    }
    return due;
  }

  private ask({ closer }: Runner, command: CommandRecord, own: boolean): void {
    const home = this.part.simulation.host.homeOf(command.target);
    ask(closer, { command, own, shard: this.part.plan.shardOf(home?.locality ?? 'outside') });
  }

  /** The queue moves when a boundary's message enters, is saved beside the headnode's shard, and is part of each header. */
  private keepQueue({ encode, decode }: PartOptions): void {
    const { simulation, plan } = this.part;
    const own = plan.shardOf('outside');
    const { runWindow, enter, save, restore } = bound(simulation);
    simulation.runWindow = (start, end) => {
      const report = runWindow(start, end);
      return { ...report, pending: Math.min(report.pending, this.queue.nextTime()) };
    };
    simulation.enter = (message) => {
      for (const { command, own } of message.commands) {
        if (own) this.queue.take(message.boundary);
        else if (command !== undefined) this.queue.countOutside();
        if (command !== undefined) this.queue.note(routeRecord(simulation.host, command), command.revertAt);
      }
      enter(message);
    };
    simulation.save = (shard) => {
      if (shard !== own) return save(shard);
      const saved: ClosingSaved = { commands: this.queue.where(), shard: save(shard) };
      return encode(saved);
    };
    simulation.restore = (shard, bytes) => {
      if (shard !== own) return restore(shard, bytes);
      const saved = decode(bytes) as ClosingSaved;
      this.queue = new CommandQueue(this.timeline, [], saved.commands);
      restore(shard, saved.shard);
    };
  }
}

function bound(simulation: WindowedHost): Pick<WindowedHost, 'runWindow' | 'enter' | 'save' | 'restore'> {
  return {
    runWindow: simulation.runWindow.bind(simulation),
    enter: simulation.enter.bind(simulation),
    save: simulation.save.bind(simulation),
    restore: simulation.restore.bind(simulation),
  };
}
