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
import { messageNumbers } from '@orrery/proto';
import { encodeMessage } from '@orrery/proto/codec';
import type { Scenario } from '@orrery/spec';
import { routeCommand, stampTimeline, type StampedCommand } from './commands.ts';
import { placeAll, services } from './services.ts';

/** Everything a simulation needs to go on; plain data once serialised. */
export interface SimulationSnapshot {
  host: HostSnapshot;
  commandsTaken: number;
  facts: number;
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
}

const SECOND_NS = 1_000_000_000;

export class Simulation {
  readonly scenario: Scenario;
  readonly host: Host;
  /** Facts reported so far. */
  facts = 0;
  private readonly options: SimulationOptions;
  private readonly commands: readonly StampedCommand[];
  private readonly snapshotEveryNs: number;
  private readonly commitEveryNs: number;
  private taken = 0;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.scenario = options.scenario;
    this.snapshotEveryNs = options.snapshotEveryNs ?? 60 * SECOND_NS;
    this.commitEveryNs = options.commitEveryNs ?? SECOND_NS;
    const before = options.commandsBefore ?? Infinity;
    this.commands = stampTimeline(options.scenario).filter((command) => command.time < before);
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
      this.taken = options.from.commandsTaken;
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
    return this.taken;
  }

  /**
   * Runs on to `until` (ns), stopping at the boundaries where something is to be done.
   * @param stop asked after every event; true stops there
   */
  advance(until: number, stop?: () => boolean): void {
    while (this.now < until) {
      this.takeCommands();
      const next = Math.min(until, this.nextCommand(), after(this.now, this.commitEveryNs));
      this.host.runUntil(next, stop);
      if (stop !== undefined && this.now < next) return;
      this.keep(next);
    }
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
    return { host: takeSnapshot(this.host), commandsTaken: this.taken, facts: this.facts };
  }

  private nextCommand(): number {
    return this.taken < this.commands.length ? this.commands[this.taken].time : Infinity;
  }

  private keep(time: number): void {
    const { log, encodeSnapshot } = this.options;
    if (log === undefined) return;
    log.commitBatch(time);
    const due = time % this.snapshotEveryNs === 0 && time < this.scenario.durationNs;
    if (due && encodeSnapshot !== undefined) log.writeSnapshot(time, encodeSnapshot(this.snapshot()));
  }

  private takeCommands(): void {
    while (this.nextCommand() <= this.now) {
      const stamped = this.commands[this.taken++];
      const routed = routeCommand(this.host, stamped);
      const kind = messageNumbers[routed.kind];
      this.options.log?.appendCommand({
        n: this.taken,
        time: this.now,
        kind,
        target: routed.target,
        payload: encodeMessage(kind, routed.payload),
        text: stamped.text,
        askedBy: stamped.askedBy,
      });
      this.host.command(routed.target, routed.kind, routed.payload, routed.accepted);
    }
  }
}

/** First multiple of `every` strictly after `time`. */
function after(time: number, every: number): number {
  return (Math.floor(time / every) + 1) * every;
}
