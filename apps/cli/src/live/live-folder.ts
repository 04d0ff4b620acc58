/** A live run's log in a folder: made anew, or gone on with. */
import {
  appendFilesLog,
  createFilesLog,
  openFilesLog,
  openGrowingLog,
  resumeFilesLog,
  type StoreOptions,
} from '@orrery/log/files';
import { requireEngine, type Cut, type LogWriter } from '@orrery/log';
import type { Batch } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { decodeSnapshot, engine, type LiveLog, type LiveRunOptions } from '@orrery/simulator';
import type { Past } from '@orrery/simulator/head';
import { Refusal } from '../exit.ts';
import { LIVE_NS } from '../load.ts';
import { headerOf, scenarioOf } from '../run/prepare.ts';

/** A live run's log. */
export interface LogFolder {
  scenario: Scenario;
  seed: number;
  runId: string;
  log: LiveLog;
}

/** One whose run is computed elsewhere. */
export interface AppendedFolder extends LogFolder {
  /** undefined: it is new. */
  past: Past | undefined;
}

export interface LiveFolder extends LogFolder {
  resumed: LiveRunOptions['resumed'];
  cut: Cut | undefined;
}

// A snapshot a simulated minute: half an hour of them makes any recent moment quick to reach, and bounds the folder.
const SNAPSHOTS_KEPT = 30;

/** @throws LogError when it is there already, in use, or cannot be written */
export function newFolder(folder: string, scenario: Scenario, seed: number): LiveFolder {
  const { options, written } = store();
  const header = headerOf(scenario, seed);
  const writer = createFilesLog(folder, header, options);
  const log = liveLog(folder, writer, [], written);
  return { scenario, seed, runId: header.runId, log, resumed: undefined, cut: undefined };
}

/** @throws LogError when it is damaged, ended, of another engine, or in use */
export function resumedFolder(folder: string): LiveFolder {
  const reader = openFilesLog(folder);
  requireEngine(reader.header, engine);
  if (scenarioOf(reader.header.specJson).durationNs < LIVE_NS)
    throw new Refusal(`${folder} is of a run with an end: go on with "orrery run --resume ${folder}"`);
  const { options, written } = store();
  const { header, snapshot, writer, upTo, cut } = resumeFilesLog(folder, engine, options);
  const from = snapshot === undefined ? undefined : decodeSnapshot(snapshot.state);
  return {
    scenario: scenarioOf(header.specJson),
    seed: header.seed,
    runId: header.runId,
    log: liveLog(folder, writer, openGrowingLog(folder).batches(0), written),
    resumed: { from, logged: [...reader.commands()], upTo },
    cut,
  };
}

/** The same for a run that is not computed here. @throws LogError when it is damaged, ended, of another engine, or in use */
export function appendedFolder(folder: string): AppendedFolder {
  const { options, written } = store();
  const { reader, writer } = appendFilesLog(folder, engine, options);
  const { header, upTo } = reader;
  const commandLast = Math.max(0, ...[...reader.commands()].map(({ n }) => n));
  return {
    scenario: scenarioOf(header.specJson),
    seed: header.seed,
    runId: header.runId,
    log: liveLog(folder, writer, openGrowingLog(folder).batches(0), written),
    past: { upTo, facts: reader.facts(), commandLast },
  };
}

function store(): { options: StoreOptions; written: Batch[] } {
  const written: Batch[] = [];
  return { written, options: { snapshotsKept: SNAPSHOTS_KEPT, onBatch: (batch) => written.push(batch) } };
}

function liveLog(folder: string, writer: LogWriter, past: Iterable<Batch>, written: Batch[]): LiveLog {
  let before: Iterable<Batch> = past;
  return {
    writer,
    folder,
    history: openGrowingLog(folder),
    *fresh() {
      const old = before;
      before = [];
      yield* old;
      yield* written.splice(0);
    },
  };
}
