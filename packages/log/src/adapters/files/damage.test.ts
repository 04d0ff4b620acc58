/** Two hundred random wounds: each is cut and said so, refused with its place, or changes nothing that is read. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LogError } from '../../errors.ts';
import { contentOf, digestOf, header, second, secondOf, stateAt, writeRun } from '../../sample.case.ts';
import type { Cut, LogReader } from '../../log.ts';
import { verifyLog } from '../../verify.ts';
import { drawsOf, filesOf, wound } from './damage.case.ts';
import { parseFrame, type Frame } from './frame.ts';
import { createFilesLog, openFilesLog, resumeFilesLog } from './index.ts';

const wounds = 200;
const seconds = 40;
const root = mkdtempSync(join(tmpdir(), 'orrery-damage-'));
const shapes = [
  { name: 'many segments', segmentBytes: 6000 },
  { name: 'one segment', segmentBytes: 1 << 20 },
];

/** The unharmed log that copies are made of. */
interface Whole {
  readonly folder: string;
  readonly segmentBytes: number;
  readonly content: readonly string[];
}

function written(name: string, segmentBytes: number): Whole {
  const folder = join(root, name);
  const writer = createFilesLog(folder, header, { segmentBytes });
  writeRun(writer, { seconds });
  writer.close();
  return { folder, segmentBytes, content: contentOf(openFilesLog(folder)) };
}

function bytesOf(folder: string, file: string): Buffer {
  return existsSync(join(folder, file)) ? readFileSync(join(folder, file)) : Buffer.alloc(0);
}

/** A cut loses no batch that is still whole and in its place. */
function expectNothingWholeAfter(cut: Cut, whole: Whole, folder: string): void {
  const before = bytesOf(whole.folder, cut.file);
  const after = bytesOf(folder, cut.file);
  for (let offset = 0; offset < before.length;) {
    const { end } = parseFrame(before, offset) as Frame;
    if (offset >= cut.offset)
      expect(before.subarray(offset, end).equals(after.subarray(offset, end))).toBe(false);
    offset = end;
  }
}

/** Only bytes that are gone without a trace, from some place to the end, may go without a cut. */
function expectOnlyShorter(whole: Whole, folder: string): void {
  for (const file of filesOf(whole.folder).filter((name) => name.startsWith('segment-'))) {
    const after = bytesOf(folder, file);
    expect(bytesOf(whole.folder, file).subarray(0, after.length).equals(after)).toBe(true);
  }
}

/** Each snapshot that is not as it was is named. */
function expectSnapshotsTold(reader: LogReader, whole: Whole, folder: string): void {
  const named = reader.snapshots.map(({ pointer }) => pointer.file);
  const harmed = named.filter((file) => !bytesOf(whole.folder, file).equals(bytesOf(folder, file)));
  expect(reader.unusableSnapshots().map(({ file }) => file)).toEqual(harmed);
  const snapshot = reader.lastVerifiedSnapshot();
  if (snapshot) expect(snapshot.state).toEqual(stateAt(snapshot.time / second));
}

function outcomeOf(whole: Whole, folder: string): 'refused' | 'cut' | 'unfinished' | 'harmless' {
  let reader: LogReader;
  let read: string[];
  try {
    reader = openFilesLog(folder);
    read = contentOf(reader);
  } catch (error) {
    expect(error).toBeInstanceOf(LogError);
    const { code, fields, message } = error as LogError;
    expect(code).toBe('ORRERY_LOG_DAMAGED');
    expect(filesOf(whole.folder)).toContain(fields.file);
    expect(fields.offset).toBeGreaterThanOrEqual(0);
    expect(message).toContain(`${fields.file} at byte ${fields.offset}`);
    expect(() => resumeFilesLog(folder, header.engine)).toThrow(LogError);
    return 'refused';
  }
  expect(read).toEqual(whole.content.slice(0, read.length));
  const facts = [...reader.facts()].length;
  expect(facts).toBeGreaterThanOrEqual((reader.upTo / second) * 10);
  expectSnapshotsTold(reader, whole, folder);
  verifyLog(reader);
  if (read.length === whole.content.length && reader.state === 'ended') return 'harmless';
  expect(reader.state).toBe('unfinished');
  if (reader.cut === undefined) {
    expectOnlyShorter(whole, folder);
    return 'unfinished';
  }
  expectNothingWholeAfter(reader.cut, whole, folder);
  return 'cut';
}

/** Resumes what is left of the run; it must end as if nothing had happened. */
function finish(whole: Whole, folder: string): void {
  const run = resumeFilesLog(folder, header.engine, { segmentBytes: whole.segmentBytes });
  const from = run.snapshot === undefined ? 0 : secondOf(run.snapshot.state);
  writeRun(run.writer, { seconds, from });
  run.writer.close();
  expect(openFilesLog(folder).ended?.digest).toBe(digestOf(seconds));
  expect(contentOf(openFilesLog(folder))).toEqual(whole.content);
}

afterAll(() => rmSync(root, { recursive: true }));

describe.each(shapes)('a damaged log of $name', ({ name, segmentBytes }) => {
  const whole = written(name, segmentBytes);

  it(`is cut, refused or unharmed, at ${wounds} random places, and resumed to the same end`, () => {
    const outcomes = { refused: 0, cut: 0, unfinished: 0, harmless: 0 };
    for (let seed = 0; seed < wounds; seed++) {
      const folder = join(root, `wounded-${seed}`);
      cpSync(whole.folder, folder, { recursive: true });
      const how = wound(folder, drawsOf(seed));
      try {
        const outcome = outcomeOf(whole, folder);
        outcomes[outcome] += 1;
        if (outcome === 'cut' || outcome === 'unfinished') finish(whole, folder);
      } catch (error) {
        throw new Error(`seed ${seed}: ${how}`, { cause: error });
      }
      rmSync(folder, { recursive: true });
    }
    expect(outcomes.refused).toBeGreaterThan(50);
    expect(outcomes.cut).toBeGreaterThan(20);
    expect(outcomes.harmless).toBeGreaterThan(10);
  });

  it('never crashes on files of random bytes', () => {
    for (let seed = 0; seed < 40; seed++) {
      const draw = drawsOf(1000 + seed);
      const folder = join(root, `noise-${seed}`);
      cpSync(whole.folder, folder, { recursive: true });
      for (const file of filesOf(folder)) {
        if (draw(3) > 0) continue;
        const noise = Uint8Array.from({ length: draw(5000) }, () => draw(256));
        writeFileSync(join(folder, file), noise);
      }
      outcomeOf(whole, folder);
      rmSync(folder, { recursive: true });
    }
  });
});
