/** From what was typed to what is run: the scenario, the seed, the moment to start from, the log. */
import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { openFilesLog, createFilesLog, resumeFilesLog } from '@orrery/log/files';
import { requireEngine, type Cut, type LogWriter } from '@orrery/log';
import type { CommandRecord } from '@orrery/proto';
import { formatTime, parseDuration, type Datacenter, type Scenario } from '@orrery/spec';
import {
  boundaryAt,
  decodeSnapshot,
  encodeSnapshot,
  engine,
  Simulation,
  stampTimeline,
  type SimulationSnapshot,
} from '@orrery/simulator';
import type { HostFact } from '@orrery/actor';
import { Refusal } from '../exit.ts';
import { LIVE_NS, loadRunnable } from '../load.ts';
import type { Terminal } from '../terminal.ts';
import { storeOptions } from './log-options.ts';
import { factsUntil } from './past.ts';
import type { RunOptions } from './options.ts';

export interface Prepared {
  scenario: Scenario;
  seed: number;
  log: LogWriter | undefined;
  from: SimulationSnapshot | undefined;
  cut: Cut | undefined;
  /** Facts of the run from before `from`, when it is gone on with. */
  past: Iterable<HostFact>;
  /** Commands that the log has. */
  logged: Iterable<CommandRecord>;
  /** The log has its end already: nothing is left to do but to say it again. */
  ended: boolean;
}

/** @throws Refusal on bad input, LogError on a log that cannot be made */
export function prepareRun(terminal: Terminal, file: string, options: RunOptions): Prepared {
  const loaded = loadRunnable(terminal, file, options.sets);
  const seed = options.seed ?? loaded.seed;
  const from = options.from === undefined ? undefined : momentOf(options.from, loaded);
  const scenario = { ...loaded, durationNs: endOf(loaded, from?.host.now ?? 0, options.forNs) };
  const log =
    options.log === undefined
      ? undefined
      : createFilesLog(options.log, headerOf(scenario, seed), storeOptions(options.crashAt));
  if (from !== undefined) log?.writeSnapshot(from.host.now, encodeSnapshot(from));
  return { scenario, seed, log, from, cut: undefined, past: [], logged: [], ended: false };
}

/** When a run that begins at `begin` ends, ns: after `forNs`, else when its scenario does. */
function endOf({ durationNs }: Scenario, begin: number, forNs: number | undefined): number {
  if (forNs !== undefined) return begin + forNs;
  if (begin < durationNs) return durationNs;
  const ended = `the scenario ends at ${formatTime(durationNs)}, and there is nothing after ${formatTime(begin)}`;
  throw new Refusal(`--from: ${ended}: give --for`);
}

/**
 * Goes on from the last snapshot; a log that has its end is recomputed from there, and nothing is written.
 * @throws LogError on a log that is damaged, of another engine, or in use
 */
export function prepareResume(folder: string, options: RunOptions): Prepared {
  const { scenario, seed, reader } = readRun(folder);
  if (scenario.durationNs >= LIVE_NS)
    throw new Refusal(`${folder} is of a live datacenter: go on with "orrery up --resume ${folder}"`);
  const pastUntil = (sequence: number) => factsUntil(reader, scenario.datacenter, sequence);
  if (reader.state === 'ended') {
    requireEngine(reader.header, engine);
    const snapshot = reader.lastVerifiedSnapshot();
    const from = snapshot === undefined ? undefined : decodeSnapshot(snapshot.state);
    const past = pastUntil(snapshot?.sequence ?? 0);
    return {
      scenario,
      seed,
      log: undefined,
      from,
      cut: undefined,
      past,
      logged: reader.commands(),
      ended: true,
    };
  }
  const resumed = resumeFilesLog(folder, engine, storeOptions(options.crashAt));
  const from = resumed.snapshot === undefined ? undefined : decodeSnapshot(resumed.snapshot.state);
  return {
    scenario,
    seed,
    log: resumed.writer,
    from,
    cut: resumed.cut,
    past: pastUntil(resumed.snapshot?.sequence ?? 0),
    logged: reader.commands(),
    ended: false,
  };
}

/**
 * A moment of another run, as this scenario's beginning: what its time line has before that moment is past.
 * @param text `LOG@TIME`
 */
function momentOf(text: string, scenario: Scenario): SimulationSnapshot {
  const at = text.lastIndexOf('@');
  const time = at < 0 ? undefined : parseDuration(text.slice(at + 1));
  if (time === undefined)
    throw new Refusal(`--from: expected LOG@TIME (for instance runs/a@00:05:00), found "${text}"`);
  const boundary = boundaryAt(time, scenario.datacenter.controlWindowNs);
  const folder = text.slice(0, at);
  const snapshot = snapshotAt(folder, boundary);
  const { datacenter } = readRun(folder).scenario;
  if (partsOf(datacenter) !== partsOf(scenario.datacenter))
    throw new Refusal(
      `--from: ${folder} is of another datacenter (${datacenter.name}): settings may differ, but not what there is`,
    );
  const passed = stampTimeline(scenario).filter((command) => command.time < boundary);
  const place = { timelineTaken: passed.length, outsideTaken: 0, revertsTaken: 0 };
  return { ...snapshot, commands: { ...snapshot.commands, ...place } };
}

/** Every part that is an actor, as one text to compare. */
function partsOf({ nodes, vms, switches, uplinks, workloads }: Datacenter): string {
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  return JSON.stringify([
    nodes.map(({ address, disks, pools, nics }) => [address, names(disks), names(pools), names(nics)]),
    vms.map(({ node, uuid }) => [node, uuid]),
    [...switches, ...uplinks].map(({ address }) => address),
    names(workloads),
  ]);
}

/** State of a logged run at a control boundary, recomputed from its last snapshot before. @throws LogError, Refusal */
export function snapshotAt(folder: string, time: number): SimulationSnapshot {
  const { scenario, seed, reader } = readRun(folder);
  requireEngine(reader.header, engine);
  if (time > reader.upTo)
    throw new Refusal(`${folder} reaches ${formatTime(reader.upTo)}, not ${formatTime(time)}`);
  const verified = reader.lastVerifiedSnapshot(time);
  const from = verified === undefined ? undefined : decodeSnapshot(verified.state);
  const simulation = new Simulation({ scenario, seed, from, logged: reader.commands() });
  simulation.advance(time);
  return decodeSnapshot(encodeSnapshot(simulation.snapshot()));
}

/** The scenario that a log was made of, with its seed. @throws LogError; Refusal when `folder` is none */
export function readRun(folder: string): {
  scenario: Scenario;
  seed: number;
  reader: ReturnType<typeof openFilesLog>;
} {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new Refusal(`${folder}: expected the folder that a run was kept in, found a file`);
  const reader = openFilesLog(folder);
  return { scenario: scenarioOf(reader.header.specJson), seed: reader.header.seed, reader };
}

/** The expanded scenario that a log begins with. */
export function scenarioOf(specJson: Uint8Array): Scenario {
  return JSON.parse(new TextDecoder().decode(specJson)) as Scenario;
}

/** The head of a new log. */
export function headerOf(scenario: Scenario, seed: number): Parameters<typeof createFilesLog>[1] {
  return {
    engine,
    runId: randomUUID(),
    seed,
    specJson: new TextEncoder().encode(JSON.stringify(scenario)),
    createdAt: new Date().toISOString(),
    nodeVersion: process.version,
  };
}
