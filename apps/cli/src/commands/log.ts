/** `orrery log cat|verify|diff|export` and `orrery replay`: reading what a run kept. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { formatTime } from '@orrery/spec';
import { createHost } from '@orrery/actor';
import { diffLogs, discardingLog, jsonLines, requireEngine, verifyLog, type LogReader } from '@orrery/log';
import { exportParquet, openFilesLog } from '@orrery/log/files';
import { factNumbers, type FactRecord } from '@orrery/proto';
import { decodeFact } from '@orrery/proto/codec';
import {
  decodeSnapshot,
  engine,
  placeAll,
  services,
  Simulation,
  type SimulationSnapshot,
} from '@orrery/simulator';
import { Refusal } from '../exit.ts';
import { readRun } from '../run/prepare.ts';
import type { Terminal } from '../terminal.ts';

const nameOf = new Map(Object.entries(factNumbers).map(([name, number]) => [number, name]));

/** Addresses by actor id: those of the specification, and those that facts say were made. */
export function addressBook(folder: string): {
  reader: LogReader;
  addressOf: (actor: number) => string | undefined;
} {
  const { scenario, reader } = readRun(folder);
  const { lookaheadNs, controlWindowNs } = scenario.datacenter;
  const host = createHost({
    seed: 0,
    services,
    placements: placeAll(scenario.datacenter),
    rules: { lookaheadNs, controlWindowNs },
    keepFacts: false,
  });
  const made = new Map<number, string>();
  for (const fact of reader.facts()) {
    if (fact.kind !== factNumbers.actorMade) continue;
    const { actor, address } = decodeFact(fact.kind, fact.payload) as { actor: number; address: string };
    made.set(actor, address);
  }
  return { reader, addressOf: (actor) => host.cells.get(actor)?.address ?? made.get(actor) };
}

export function logCatCommand(terminal: Terminal, folder: string): number {
  const { reader, addressOf } = addressBook(folder);
  for (const line of jsonLines(reader, addressOf)) terminal.out(line.trimEnd());
  sayCut(terminal, reader);
  return 0;
}

function sayCut(terminal: Terminal, reader: LogReader): void {
  if (reader.cut !== undefined) {
    const { file, offset, cutBytes, reason } = reader.cut;
    terminal.err(
      cutBytes === 0
        ? `${file}: it ends early: ${reason}`
        : `${file}: ${cutBytes} bytes at ${offset} are no whole batch (${reason}) and are left out`,
    );
  }
  if (reader.state === 'unfinished') terminal.err(`unfinished, up to ${formatTime(reader.upTo)}`);
}

export function logVerifyCommand(terminal: Terminal, folders: readonly string[], json: boolean): number {
  let failed = 0;
  for (const folder of folders) {
    const verified = verifyLog(openFilesLog(folder));
    if (verified.digestMatches === false) failed++;
    if (json) {
      terminal.out(JSON.stringify({ log: folder, ...verified }));
      continue;
    }
    const state = verified.state === 'ended' ? 'ended' : `unfinished, up to ${formatTime(verified.upTo)}`;
    const digest = verified.digestMatches === false ? ' but the run ended with another digest' : '';
    const counts = `${verified.batches} batches, ${verified.facts} facts, ${verified.commands} commands`;
    terminal.out(`${folder}: ${state}; ${counts}; digest ${verified.digest}${digest}`);
    if (verified.cut !== undefined)
      terminal.out(
        verified.cut.cutBytes === 0
          ? `  ${verified.cut.file} ends early: ${verified.cut.reason}`
          : `  ${verified.cut.cutBytes} bytes left out at ${verified.cut.file}:${verified.cut.offset}`,
      );
    for (const { file, reason } of verified.unusableSnapshots)
      terminal.out(`  ${file} cannot be used: ${reason}`);
  }
  return failed === 0 ? 0 : 1;
}

function describe(fact: FactRecord | undefined, addressOf: (actor: number) => string | undefined): string {
  if (fact === undefined) return 'nothing more';
  const payload = JSON.stringify(decodeFact(fact.kind, fact.payload));
  return `${formatTime(fact.time)} ${addressOf(fact.actor) ?? fact.actor}#${fact.n} ${nameOf.get(fact.kind)} ${payload}`;
}

export function logDiffCommand(terminal: Terminal, a: string, b: string, json: boolean): number {
  const left = addressBook(a);
  const right = addressBook(b);
  const difference = diffLogs(left.reader, right.reader);
  if (json) {
    terminal.out(JSON.stringify({ same: difference === undefined, factsBefore: difference?.factsBefore }));
  } else if (difference === undefined) {
    terminal.out('the same facts');
  } else {
    terminal.out(`${difference.factsBefore} facts are the same, then`);
    terminal.out(`  ${a}: ${describe(difference.a, left.addressOf)}`);
    terminal.out(`  ${b}: ${describe(difference.b, right.addressOf)}`);
  }
  return difference === undefined ? 0 : 1;
}

export function logExportCommand(terminal: Terminal, folder: string, file: string): number {
  const { reader, addressOf } = addressBook(folder);
  if (file.endsWith('.parquet')) {
    terminal.err(`${exportParquet(reader, file, addressOf)} rows in ${file}`);
  } else if (file.endsWith('.jsonl') || file.endsWith('.ndjson')) {
    const handle = openSync(file, 'w');
    let rows = 0;
    for (const line of jsonLines(reader, addressOf)) {
      writeSync(handle, line);
      rows++;
    }
    closeSync(handle);
    terminal.err(`${rows} lines in ${file}`);
  } else {
    throw new Refusal(`log export: expected a file that ends in .jsonl or .parquet, found "${file}"`);
  }
  sayCut(terminal, reader);
  return 0;
}

/** Recomputes a run from its seed and commands and compares every fact. */
export function replayCommand(terminal: Terminal, folder: string, json: boolean): number {
  const { scenario, seed, reader } = readRun(folder);
  requireEngine(reader.header, engine);
  const logged = reader.facts()[Symbol.iterator]();
  const state: { difference?: string; facts: number } = { facts: 0 };
  const simulation = new Simulation({
    scenario,
    seed,
    from: beginningOf(reader),
    logged: reader.commands(),
    log: discardingLog(reader.header),
    onFact: ({ record, address }) => {
      if (state.difference !== undefined) return;
      const next = logged.next();
      if (next.done === true) {
        if (reader.state === 'ended')
          state.difference = `${formatTime(record.time)} ${address}#${record.n} is not in the log`;
        return;
      }
      state.facts++;
      const { actor, n, time, kind, payload } = next.value;
      const same =
        actor === record.actor &&
        n === record.n &&
        time === record.time &&
        kind === record.kind &&
        equal(payload, record.payload);
      if (!same)
        state.difference = `${formatTime(record.time)} ${address}#${record.n} differs from ${formatTime(time)} #${n} in the log`;
    },
  });
  const until = reader.state === 'ended' ? (reader.ended?.time ?? scenario.durationNs) : reader.upTo;
  while (simulation.now < until && state.difference === undefined) {
    simulation.advance(Math.min(until, simulation.now + 10_000_000_000));
  }
  if (state.difference === undefined && logged.next().done !== true)
    state.difference = 'the log has facts that were not recomputed';
  const digest = simulation.digest();
  const expected = reader.ended?.digest;
  const same = state.difference === undefined && (expected === undefined || expected === digest);
  if (json) {
    terminal.out(
      JSON.stringify({ same, digest, expected, facts: state.facts, difference: state.difference }),
    );
  } else {
    const what = reader.state === 'ended' ? `digest ${digest}` : `unfinished, up to ${formatTime(until)}`;
    terminal.out(
      same
        ? `the same: ${state.facts} facts, ${what}`
        : `different: ${state.difference ?? `digest ${digest}, the log says ${expected}`}`,
    );
  }
  return same ? 0 : 1;
}

/** The moment a run began with, when it began with one of another run: its log's first word is that snapshot. */
function beginningOf(reader: LogReader): SimulationSnapshot | undefined {
  for (const batch of reader.batches()) {
    if (batch.snapshot === undefined || batch.facts.length + batch.commands.length > 0) return undefined;
    const state = reader.lastVerifiedSnapshot(batch.snapshot.time)?.state;
    return state === undefined ? undefined : decodeSnapshot(state);
  }
  return undefined;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
