/**
 * The commands of a run in the order in which they take effect; it does not carry them out.
 *
 * Rules. 1. Commands of one boundary: the time line's, then reverts that an injection asked for, then those from outside in
 *           the order in which they came.
 *        2. The time line and the reverts follow from the specification and from what was taken before, so only commands
 *           from outside have to be read back from a log: they are those with a request id.
 *        3. A fault that somebody reverts is not reverted again by itself.
 * State. What was taken so far and which reverts are to come: a few numbers and a short list, kept in snapshots.
 */
import type { CommandRecord, Messages } from '@orrery/proto';
import type { Command, RevertCommand } from '@orrery/spec';
import type { RoutedCommand, StampedCommand } from './commands.ts';

/** Where a queue stands; plain data. */
export interface QueuePlace {
  timelineTaken: number;
  outsideTaken: number;
  revertsTaken: number;
  /** Reverts to come, by time. */
  scheduled: StampedCommand[];
}

/** The next command: as the time line has it, or as a log or a client gave it. */
export type NextCommand =
  | { readonly from: 'timeline'; readonly stamped: StampedCommand }
  | { readonly from: 'outside'; readonly record: CommandRecord };

export class CommandQueue {
  private readonly timeline: readonly StampedCommand[];
  private readonly outside: CommandRecord[];
  private readonly place: QueuePlace;

  /** @param outside commands that a log has from outside, from the run's beginning */
  constructor(
    timeline: readonly StampedCommand[],
    outside: readonly CommandRecord[],
    place: QueuePlace | undefined,
  ) {
    this.timeline = timeline;
    this.outside = outside.filter(({ requestId }) => requestId !== '');
    this.place = place ?? { timelineTaken: 0, outsideTaken: 0, revertsTaken: 0, scheduled: [] };
  }

  /** Commands taken so far. */
  get taken(): number {
    const { timelineTaken, outsideTaken, revertsTaken } = this.place;
    return timelineTaken + outsideTaken + revertsTaken;
  }

  /** Boundary of the next command, ns; Infinity when none is to come. */
  nextTime(): number {
    const { timelineTaken, outsideTaken, scheduled } = this.place;
    const timeline = this.timeline[timelineTaken]?.time ?? Infinity;
    const outside = this.outside[outsideTaken]?.time ?? Infinity;
    return Math.min(timeline, scheduled[0]?.time ?? Infinity, outside);
  }

  /** Takes the next command that is due at `now` (ns). */
  take(now: number): NextCommand | undefined {
    const { place } = this;
    const timeline = this.timeline[place.timelineTaken];
    if (timeline !== undefined && timeline.time <= now) {
      place.timelineTaken++;
      if (timeline.command.kind === 'revert') this.cancel(timeline.command.faultId);
      return { from: 'timeline', stamped: timeline };
    }
    const [revert] = place.scheduled;
    if (revert !== undefined && revert.time <= now) {
      place.scheduled.shift();
      place.revertsTaken++;
      return { from: 'timeline', stamped: revert };
    }
    const record = this.outside[place.outsideTaken];
    if (record === undefined || record.time > now) return undefined;
    place.outsideTaken++;
    return { from: 'outside', record };
  }

  /** Puts in a command from outside; the last one put in comes last. */
  add(record: CommandRecord): void {
    this.outside.push(record);
  }

  /** A command from outside was taken that was never put in. */
  countOutside(): void {
    this.place.outsideTaken++;
  }

  /** Hears what was taken: an injection may ask for its revert, a revert makes another one needless. */
  note({ kind, payload, accepted: { target } }: RoutedCommand, revertAt: number): void {
    if (kind === 'injectFault' && revertAt > 0) {
      const { faultId, kind: faultKind } = payload as Messages['injectFault'];
      this.schedule(revertAt, { kind: 'revert', faultId, faultKind, target });
    }
    if (kind === 'revertFault') this.cancel((payload as Messages['revertFault']).faultId);
  }

  /** Reverts a fault by itself at `time` (ns). */
  private schedule(time: number, command: RevertCommand): void {
    const { faultId, faultKind, target } = command;
    const text = `revert ${faultId} ${faultKind} on ${target}`;
    const { scheduled } = this.place;
    const at = scheduled.findIndex((each) => each.time > time);
    scheduled.splice(at < 0 ? scheduled.length : at, 0, { time, command, text, askedBy: 'for' });
  }

  /** Forgets the revert of a fault that was reverted already. */
  private cancel(faultId: string): void {
    const { scheduled } = this.place;
    const at = scheduled.findIndex(({ command }) => revertOf(command) === faultId);
    if (at >= 0) scheduled.splice(at, 1);
  }

  /** When a fault is reverted by itself, ns; 0: never. */
  revertAt(faultId: string): number {
    return this.place.scheduled.find(({ command }) => revertOf(command) === faultId)?.time ?? 0;
  }

  /** A copy of where it stands. */
  where(): QueuePlace {
    return { ...this.place, scheduled: [...this.place.scheduled] };
  }
}

function revertOf(command: Command): string | undefined {
  return command.kind === 'revert' ? command.faultId : undefined;
}
