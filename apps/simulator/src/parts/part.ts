/** A part of a run: what one replica's process runs of it, and, in the headnode's, the word at each boundary. */
import { WindowedHost } from '@orrery/actor';
import { ask, type Runner, type WindowReport } from '@orrery/bus';
import type { Member } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { recordOf, routeCommand, routeRecord, stampTimeline } from '../commands.ts';
import { placeAll, services } from '../services.ts';
import { planShards, type ShardPlan } from './shards.ts';

/** Simulated time between snapshots, ns: what a replica that died has to run again at most. */
const SNAPSHOT_EVERY_NS = 10_000_000_000;

export interface PartOptions {
  scenario: Scenario;
  seed: number;
  /** Bytes of plain data and back. */
  encode: (value: unknown) => Uint8Array;
  decode: (bytes: Uint8Array) => unknown;
}

/** Shards of a replica, none yet. */
export function createPart(options: PartOptions): { simulation: WindowedHost; plan: ShardPlan } {
  const { scenario, seed, encode, decode } = options;
  const { lookaheadNs, controlWindowNs } = scenario.datacenter;
  const placements = placeAll(scenario.datacenter);
  const plan = planShards(placements);
  const simulation: WindowedHost = new WindowedHost({
    seed,
    services,
    placements,
    rules: { lookaheadNs, controlWindowNs },
    keepFacts: false,
    shardOf: plan.shardOf,
    isLoose: plan.isLoose,
    acceptedOf: (command) => routeRecord(simulation.host, command).accepted,
    encode,
    decode,
  });
  return { simulation, plan };
}

/** The headnode's part of a scenario: its time line is what happens next although no event says so. */
export class ClosingPart {
  readonly part: ReturnType<typeof createPart>;
  private readonly timeline: ReturnType<typeof stampTimeline>;

  constructor(options: PartOptions) {
    this.part = createPart(options);
    this.timeline = stampTimeline(options.scenario);
    const { simulation } = this.part;
    const run = simulation.runWindow.bind(simulation);
    simulation.runWindow = (start, end) => this.withTimeline(run(start, end), start);
  }

  /**
   * Closes the boundary that may be closed, with its time line's commands.
   * @param members of a new epoch; undefined: none begins, and the first boundary is not closed
   * @returns whether it closed one
   */
  close(runner: Runner, members: () => Member[] | undefined): boolean {
    const { closing } = runner;
    const wanted = closing && members();
    if (closing === undefined || (closing.number === 1 && wanted === undefined)) return false;
    const { boundary, number } = closing;
    for (const [at, stamped] of this.timeline.entries()) {
      if (stamped.time !== boundary) continue;
      const { host } = this.part.simulation;
      const command = { ...recordOf(routeCommand(host, stamped)), requestId: `timeline-${at}` };
      const home = host.homeOf(command.target);
      ask(runner.closer, { command, own: true, shard: this.part.plan.shardOf(home?.locality ?? 'outside') });
    }
    const before = runner.replica.position.boundary;
    const snapshot =
      Math.floor(boundary / SNAPSHOT_EVERY_NS) > Math.floor(before / SNAPSHOT_EVERY_NS) && number > 1;
    runner.close({ hold: false, snapshot, ...(wanted && { members: wanted }) });
    return true;
  }

  /** A header from the simulation's state alone: commands after the window's start, whether asked for yet or not. */
  private withTimeline(report: WindowReport, start: number): WindowReport {
    const next = this.timeline.find(({ time }) => time > start);
    return next === undefined ? report : { ...report, pending: Math.min(report.pending, next.time) };
  }
}
