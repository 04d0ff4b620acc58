/**
 * A simulation is a scenario being run in one process: it stops at control boundaries to take snapshots, to hand over
 * commands, and to make the log durable. It knows nothing of files, terminals or the wall clock.
 *
 * Rules. 1. At a boundary: facts before it are committed, then the snapshot is taken, then commands take effect.
 *        2. A command is in the log before its effect.
 *        3. What a resumed run recomputes must equal what its log already has, or it stops and says where.
 */
import {
  createHost,
  restoreHost,
  takeSnapshot,
  type Host,
  type HostFact,
  type HostSnapshot,
} from '@orrery/actor';
import type { HostOptions } from '@orrery/actor';
import type { LogWriter } from '@orrery/log';
import type { CommandRecord } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { CommandQueue, type NextCommand, type QueuePlace } from './command-queue.ts';
import {
  boundaryAt,
  recordOf,
  routeCommand,
  routeRecord,
  stampTimeline,
  type StampedCommand,
} from './commands.ts';
import { placeAll, services } from './services.ts';

/** Everything a simulation needs to go on; plain data once serialised. */
export interface SimulationSnapshot {
  host: HostSnapshot;
  commands: QueuePlace;
  facts: number;
}

/** A command from outside the time line. */
export interface OutsideCommand {
  stamped: Omit<StampedCommand, 'time'>;
  /** The caller's own name of it; never empty. */
  requestId: string;
}

export interface SimulationOptions {
  scenario: Scenario;
  seed: number;
  onFact?: (fact: HostFact) => void;
  onSpan?: HostOptions['onSpan'];
  /** Where commands, facts and snapshots go; without it nothing is kept. */
  log?: LogWriter;
  /** Turns a snapshot into bytes, at once. Needed with `log`. */
  encodeSnapshot?: (snapshot: SimulationSnapshot) => Uint8Array;
  /** Simulated time between snapshots in the log, ns. Default 60 s. */
  snapshotEveryNs?: number;
  /** Simulated time between commits of the log, ns. Default 1 s. */
  commitEveryNs?: number;
  /** Goes on from here instead of from the beginning. */
  from?: SimulationSnapshot;
  /** Send each message through its protobuf form. */
  wire?: boolean;
  /** Leave out time-line commands at or after this time, ns: for forks, which do not know the future. */
  commandsBefore?: number;
  /** Commands that a log has: those from outside the time line are taken at their times. */
  logged?: Iterable<CommandRecord>;
}

const SECOND_NS = 1_000_000_000;

export class Simulation {
  readonly scenario: Scenario;
  readonly host: Host;
  /** Facts reported so far. */
  facts = 0;
  private readonly options: SimulationOptions;
  private readonly commands: CommandQueue;
  private readonly snapshotEveryNs: number;
  private readonly commitEveryNs: number;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.scenario = options.scenario;
    this.snapshotEveryNs = options.snapshotEveryNs ?? 60 * SECOND_NS;
    this.commitEveryNs = options.commitEveryNs ?? SECOND_NS;
    this.commands = queueOf(options);
    const { datacenter } = options.scenario;
    const hostOptions: HostOptions = {
      seed: options.seed,
      services,
      placements: placeAll(datacenter),
      rules: { lookaheadNs: datacenter.lookaheadNs, controlWindowNs: datacenter.controlWindowNs },
      keepFacts: false,
      wire: options.wire,
      onSpan: options.onSpan,
      onFact: (fact) => {
        this.facts++;
        options.log?.appendFact(fact.record);
        options.onFact?.(fact);
      },
    };
    if (options.from === undefined) {
      this.host = createHost(hostOptions);
    } else {
      this.host = restoreHost(hostOptions, options.from.host);
      this.facts = options.from.facts;
    }
    // Every actor is made: what described it can go.
    hostOptions.placements = [];
  }

  get now(): number {
    return this.host.now;
  }

  /** Commands that took effect so far. */
  get commandsTaken(): number {
    return this.commands.taken;
  }

  /**
   * Runs on to `until` (ns), stopping at the boundaries where something is to be done.
   * @param stop asked after every event; true stops there
   */
  advance(until: number, stop?: () => boolean): void {
    while (this.now < until) {
      this.takeCommands();
      const next = Math.min(until, this.commands.nextTime(), after(this.now, this.commitEveryNs));
      this.host.runUntil(next, stop);
      if (stop !== undefined && this.now < next) return;
      this.keep(next);
    }
  }

  /** Hands over what is due now: in the log, and accepted, on return. */
  takeCommands(): void {
    for (let next = this.commands.take(this.now); next !== undefined; next = this.commands.take(this.now))
      this.apply(next);
  }

  /**
   * Takes a command from outside at the present boundary, after what is due there already: in the log on return.
   * @throws RangeError between boundaries, or when nobody has the target's address
   */
  submit({ stamped, requestId }: OutsideCommand): CommandRecord {
    const window = this.scenario.datacenter.controlWindowNs;
    if (this.now % window !== 0) throw new RangeError(`${this.now} ns is no control boundary`);
    this.takeCommands();
    const { command } = stamped;
    const routed = routeCommand(this.host, { ...stamped, time: this.now });
    const forNs = command.kind === 'inject' ? command.forNs : 0;
    const revertAt = forNs > 0 ? boundaryAt(this.now + forNs, window) : 0;
    const n = this.commands.taken + 1;
    const record = { ...recordOf(routed), n, time: this.now, requestId, revertAt };
    this.commands.add(record);
    this.takeCommands();
    return record;
  }

  /** When a fault will be reverted because its injection asked for it, ns; 0: never. */
  revertAt(faultId: string): number {
    return this.commands.revertAt(faultId);
  }

  /** Digest over all facts so far, 16 hex digits. */
  digest(): string {
    return this.host.digest();
  }

  /** Commits the log's last word. */
  end(): void {
    const { log } = this.options;
    log?.end({ time: this.now, digest: this.digest(), events: this.host.events });
    log?.close();
  }

  /** By reference: encode it before the next event. */
  snapshot(): SimulationSnapshot {
    return { host: takeSnapshot(this.host), commands: this.commands.where(), facts: this.facts };
  }

  private keep(time: number): void {
    const { log, encodeSnapshot } = this.options;
    if (log === undefined) return;
    log.commitBatch(time);
    const due = time % this.snapshotEveryNs === 0 && time < this.scenario.durationNs;
    if (due && encodeSnapshot !== undefined) log.writeSnapshot(time, encodeSnapshot(this.snapshot()));
  }

  private apply(next: NextCommand): void {
    const routed =
      next.from === 'outside' ? routeRecord(this.host, next.record) : routeCommand(this.host, next.stamped);
    const record = next.from === 'outside' ? next.record : recordOf(routed);
    const n = this.commands.taken;
    this.options.log?.appendCommand({ ...record, n, time: this.now });
    this.commands.note(routed, record.revertAt);
    this.host.command(routed.target, routed.kind, routed.payload, routed.accepted);
  }
}

function queueOf({ scenario, from, logged, commandsBefore = Infinity }: SimulationOptions): CommandQueue {
  const ahead = (command: { time: number }) => command.time < commandsBefore;
  const place = from?.commands;
  return new CommandQueue(
    stampTimeline(scenario).filter(ahead),
    [...(logged ?? [])].filter(ahead),
    place && { ...place, scheduled: place.scheduled.filter(ahead) },
  );
}

/** First multiple of `every` strictly after `time`. */
function after(time: number, every: number): number {
  return (Math.floor(time / every) + 1) * every;
}
