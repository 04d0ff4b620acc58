/** Records made up for tests: every number follows from the fact's index. */
import { factNumbers, messageNumbers, type CommandRecord, type FactRecord } from '@orrery/proto';
import { encodeFact, encodeMessage } from '@orrery/proto/codec';
import { combineDigests, foldInto, type DigestTable } from './digest.ts';
import type { LogReader, LogWriter, NewHeader } from './log.ts';

export const second = 1e9;

export const header: NewHeader = {
  engine: 3,
  runId: 'run-7',
  seed: 42,
  specJson: new TextEncoder().encode('{"racks":[]}'),
  createdAt: '2026-01-02T03:04:05Z',
  nodeVersion: 'v20',
};

const actors = [0, 1 << 20, (1 << 20) * 77 + 5, Number.MAX_SAFE_INTEGER];

/** Fact `index` of a run: ten facts a simulated second, four actors in turn, each caused by the one before. */
export function factAt(index: number): FactRecord {
  const payload = bytesOf(
    encodeFact(factNumbers.faultInjected, {
      faultId: `f${index}`,
      kind: 'disk.fail',
      target: `cn-0001/disk/c0t${index % 7}d0`,
      params: [],
      askedBy: 'scenario.yaml:12',
    }),
  );
  const fact: FactRecord = {
    actor: actors[index % actors.length],
    n: 1 + Math.floor(index / actors.length),
    time: Math.floor(index / 10) * second,
    kind: factNumbers.faultInjected,
    payload,
  };
  if (index > 0) {
    const before = index - 1;
    fact.cause = { actor: actors[before % actors.length], n: 1 + Math.floor(before / actors.length) };
  }
  return fact;
}

/** Command `n`, for a time in ns. */
export function commandAt(n: number, time: number): CommandRecord {
  const kind = messageNumbers.repair;
  const payload = bytesOf(
    encodeMessage(kind, {
      kind: 'disk.replace',
      part: 'disk/c0t1d0',
      params: [],
      askedBy: 'console',
    }),
  );
  const text = 'replace disk c0t1d0';
  return { n, time, kind, target: 1 << 20, payload, text, askedBy: 'console', requestId: 'r1', revertAt: 0 };
}

// The encoder gives Node's own kind of byte array, which a test does not find equal to a plain one.
function bytesOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** What a run of so many simulated seconds writes: a command every 7 s, a batch a second, a snapshot every 5 s. */
export interface RunShape {
  readonly seconds: number;
  readonly from?: number;
  readonly end?: boolean;
}

/** Writes as a simulator does, and gives the digest of the facts from the start. */
export function writeRun(writer: LogWriter, { seconds, from = 0, end = true }: RunShape): string {
  for (let at = from; at < seconds; at++) {
    if (at % 7 === 6) writer.appendCommand(commandAt(1 + Math.floor(at / 7), at * second));
    for (let i = 0; i < 10; i++) writer.appendFact(factAt(at * 10 + i));
    writer.commitBatch((at + 1) * second);
    if (at % 5 === 4) writer.writeSnapshot((at + 1) * second, stateAt(at + 1));
  }
  const digest = digestOf(seconds);
  if (end) writer.end({ time: seconds * second, digest, events: seconds * 100 });
  return digest;
}

/** A simulator's state at a second: what a resume restores. */
export function stateAt(at: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ at, filling: 'x'.repeat(200) }));
}

/** Second at which a snapshot was taken. */
export function secondOf(state: Uint8Array): number {
  return (JSON.parse(new TextDecoder().decode(state)) as { at: number }).at;
}

export function digestOf(seconds: number): string {
  const table: DigestTable = new Map();
  for (let i = 0; i < seconds * 10; i++) foldInto(table, factAt(i));
  return combineDigests(table);
}

/** All facts and commands, as text that compares quickly. */
export function contentOf(reader: LogReader): string[] {
  const lines: string[] = [];
  for (const batch of reader.batches()) {
    for (const fact of batch.facts)
      lines.push(`f ${JSON.stringify({ ...fact, payload: [...fact.payload] })}`);
    for (const command of batch.commands) lines.push(`c ${command.n} ${command.time} ${command.text}`);
  }
  return lines;
}
