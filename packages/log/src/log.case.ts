/** What every log does, whatever keeps it. */
import { describe, expect, it } from 'vitest';
import {
  commandAt,
  contentOf,
  digestOf,
  factAt,
  header,
  second,
  secondOf,
  stateAt,
  writeRun,
} from './sample.case.ts';
import type { LogReader, LogWriter } from './log.ts';
import type { Resumed } from './resume.ts';
import { verifyLog } from './verify.ts';

/** One fresh place for a log. */
export interface LogPlace {
  create(): LogWriter;
  read(): LogReader;
  resume(engine: number): Resumed;
}

/** Runs the contract for one kind of log. */
export function describeLog(name: string, newPlace: () => LogPlace): void {
  describe(`${name}: written and read`, () => writtenAndRead(newPlace));
  describe(`${name}: resumed`, () => resumed(newPlace));
}

function writtenAndRead(newPlace: () => LogPlace): void {
  it('gives back header, facts and commands as they were written', () => {
    const place = newPlace();
    const writer = place.create();
    const digest = writeRun(writer, { seconds: 20 });
    writer.close();
    const reader = place.read();
    expect(reader.header).toEqual({ ...header, format: 1, compatible: 1 });
    expect([...reader.facts()]).toEqual(Array.from({ length: 200 }, (_, i) => factAt(i)));
    expect([...reader.commands()]).toEqual([commandAt(1, 6 * second), commandAt(2, 13 * second)]);
    expect(reader.state).toBe('ended');
    expect(reader.ended).toEqual({ time: 20 * second, digest, events: 2000 });
    expect(reader.upTo).toBe(20 * second);
    expect(reader.cut).toBeUndefined();
  });

  it('makes a command durable at once, with the facts before it', () => {
    const place = newPlace();
    const writer = place.create();
    writer.appendFact(factAt(0));
    writer.appendFact(factAt(1));
    writer.appendCommand(commandAt(1, second));
    writer.appendFact(factAt(2));
    const reader = place.read();
    expect(contentOf(reader).map((line) => line[0])).toEqual(['f', 'f', 'c']);
    expect(reader.state).toBe('unfinished');
    writer.close();
    expect([...place.read().facts()]).toHaveLength(3);
  });

  it('says up to when an unfinished log is complete', () => {
    const place = newPlace();
    const writer = place.create();
    expect(place.read().upTo).toBe(0);
    writer.commitBatch(3 * second);
    expect(place.read().upTo).toBe(3 * second);
    writer.close();
  });

  it('closes a batch on its own before it holds much more than a mebibyte', () => {
    const place = newPlace();
    const writer = place.create();
    for (let i = 0; i < 30; i++) writer.appendFact({ ...factAt(i), payload: new Uint8Array(100_000) });
    expect([...place.read().facts()].length).toBeGreaterThanOrEqual(20);
    expect(place.read().upTo).toBeGreaterThanOrEqual(second);
    writer.close();
    expect([...place.read().facts()]).toHaveLength(30);
  });

  it('refuses facts that go back in time, and anything after the end', () => {
    const place = newPlace();
    const writer = place.create();
    writer.appendFact(factAt(25));
    expect(() => writer.appendFact(factAt(5))).toThrow('after the log reached 2000000000 ns');
    writer.end({ time: 3 * second, digest: '0'.repeat(16), events: 1 });
    expect(() => writer.commitBatch(4 * second)).toThrow('ended');
    writer.close();
    writer.close();
  });

  it('finds the last snapshot at or before a time', () => {
    const place = newPlace();
    const writer = place.create();
    writeRun(writer, { seconds: 20 });
    writer.close();
    const reader = place.read();
    expect(reader.snapshots.map((named) => named.pointer.time)).toEqual(
      [5, 10, 15, 20].map((at) => at * second),
    );
    expect(reader.lastVerifiedSnapshot()?.state).toEqual(stateAt(20));
    expect(reader.lastVerifiedSnapshot(14 * second)?.time).toBe(10 * second);
    expect(reader.lastVerifiedSnapshot(4 * second)).toBeUndefined();
    const { sequence } = reader.lastVerifiedSnapshot(15 * second) ?? { sequence: 0 };
    expect([...reader.facts(sequence)][0]).toEqual(factAt(150));
  });

  it('goes on from where a snapshot was taken, when it came late', () => {
    const place = newPlace();
    const writer = place.create();
    for (let i = 0; i < 20; i++) writer.appendFact(factAt(i));
    writer.commitBatch(2 * second);
    writer.appendCommand(commandAt(1, 2 * second));
    for (let i = 20; i < 25; i++) writer.appendFact(factAt(i));
    writer.writeSnapshot(2 * second, stateAt(2));
    for (let i = 25; i < 30; i++) writer.appendFact(factAt(i));
    writer.close();
    const reader = place.read();
    const { time, state, sequence } = reader.lastVerifiedSnapshot()!;
    expect({ time, state }).toEqual({ time: 2 * second, state: stateAt(2) });
    expect([...reader.facts(sequence)]).toEqual(Array.from({ length: 10 }, (_, i) => factAt(20 + i)));
    expect([...reader.commands(sequence)]).toEqual([commandAt(1, 2 * second)]);
    const resumed = place.resume(header.engine);
    expect(resumed.commands).toEqual([commandAt(1, 2 * second)]);
    for (let i = 20; i < 31; i++) resumed.writer.appendFact(factAt(i));
    resumed.writer.close();
    expect([...place.read().facts()]).toHaveLength(31);
  });

  it('verifies its own digest', () => {
    const place = newPlace();
    const writer = place.create();
    const digest = writeRun(writer, { seconds: 9 });
    writer.close();
    expect(verifyLog(place.read())).toMatchObject({ facts: 90, commands: 1, digest, digestMatches: true });
  });
}

function resumed(newPlace: () => LogPlace): void {
  const interrupted = (): LogPlace => {
    const place = newPlace();
    const writer = place.create();
    writeRun(writer, { seconds: 13, end: false });
    writer.appendCommand(commandAt(2, 13 * second));
    writer.close();
    return place;
  };

  it('checks what is recomputed after the snapshot and appends what is new', () => {
    const place = interrupted();
    const run = place.resume(3);
    const from = secondOf(run.snapshot?.state ?? new Uint8Array());
    expect(from).toBe(10);
    expect(run.commands).toEqual([commandAt(2, 13 * second)]);
    expect(run.commandNumberLast).toBe(2);
    expect(run.caughtUp()).toBe(false);
    const digest = writeRun(run.writer, { seconds: 30, from });
    run.writer.close();
    expect(run.caughtUp()).toBe(true);
    expect(digest).toBe(digestOf(30));
    expect(verifyLog(place.read())).toMatchObject({ facts: 300, commands: 4, digestMatches: true });
  });

  it('stops at the first fact that comes out otherwise', () => {
    const { writer } = interrupted().resume(3);
    writer.appendFact(factAt(100));
    expect(() => writer.appendFact({ ...factAt(101), n: 99 })).toThrow(
      expect.objectContaining({ code: 'ORRERY_LOG_DIVERGED' }),
    );
    writer.close();
  });

  it('stops when a logged fact does not happen again', () => {
    const { writer } = interrupted().resume(3);
    expect(() => writer.commitBatch(11 * second)).toThrow('did not happen again');
    writer.close();
  });

  it('stops when a command differs, or a new one is for a time already logged', () => {
    const { writer } = interrupted().resume(3);
    expect(() => writer.appendCommand(commandAt(2, 14 * second))).toThrow('command 2');
    expect(() => writer.appendCommand(commandAt(3, 12 * second))).toThrow('command 3');
    writer.close();
  });

  it('refuses another engine, naming both, and a run that has ended', () => {
    const place = interrupted();
    expect(() => place.resume(4)).toThrow('engine 3, this is engine 4');
    const { writer } = place.resume(3);
    writeRun(writer, { seconds: 14, from: 10 });
    writer.close();
    expect(() => place.resume(3)).toThrow(expect.objectContaining({ code: 'ORRERY_LOG_ENDED' }));
  });
}
