/** Two hundred random wounds: each is cut and said so, refused with its place, or changes nothing that is read. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogError } from '../../errors.ts';
import { contentOf, digestOf, header, second, secondOf, stateAt, writeRun } from '../../sample.case.ts';
import type { LogReader } from '../../log.ts';
import { verifyLog } from '../../verify.ts';
import { drawsOf, filesOf, wound } from './damage.case.ts';
import { createFilesLog, openFilesLog, resumeFilesLog } from './index.ts';

const wounds = 200;
const seconds = 40;
const root = mkdtempSync(join(tmpdir(), 'orrery-damage-'));
const whole = join(root, 'whole');
const options = { segmentBytes: 6000 };
let content: string[] = [];

function outcomeOf(folder: string): 'refused' | 'cut' | 'unfinished' | 'harmless' {
  let reader: LogReader;
  let read: string[];
  try {
    reader = openFilesLog(folder);
    read = contentOf(reader);
  } catch (error) {
    expect(error).toBeInstanceOf(LogError);
    const { code, fields, message } = error as LogError;
    expect(code).toBe('ORRERY_LOG_DAMAGED');
    expect(filesOf(whole)).toContain(fields.file);
    expect(fields.offset).toBeGreaterThanOrEqual(0);
    expect(message).toContain(`${fields.file} at byte ${fields.offset}`);
    expect(() => resumeFilesLog(folder, header.engine)).toThrow(LogError);
    return 'refused';
  }
  expect(read).toEqual(content.slice(0, read.length));
  const facts = [...reader.facts()].length;
  expect(facts).toBeGreaterThanOrEqual((reader.upTo / second) * 10);
  const snapshot = reader.lastVerifiedSnapshot();
  if (snapshot) expect(snapshot.state).toEqual(stateAt(snapshot.time / second));
  verifyLog(reader);
  if (read.length === content.length && reader.state === 'ended') return 'harmless';
  expect(reader.state).toBe('unfinished');
  return reader.cut === undefined ? 'unfinished' : 'cut';
}

/** Resumes what is left of the run; it must end as if nothing had happened. */
function finish(folder: string): void {
  const run = resumeFilesLog(folder, header.engine, options);
  const from = run.snapshot === undefined ? 0 : secondOf(run.snapshot.state);
  writeRun(run.writer, { seconds, from });
  run.writer.close();
  expect(openFilesLog(folder).ended?.digest).toBe(digestOf(seconds));
  expect(contentOf(openFilesLog(folder))).toEqual(content);
}

beforeAll(() => {
  const writer = createFilesLog(whole, header, options);
  writeRun(writer, { seconds });
  writer.close();
  content = contentOf(openFilesLog(whole));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a damaged log', () => {
  it(`is cut, refused or unharmed, at ${wounds} random places, and resumed to the same end`, () => {
    const outcomes = { refused: 0, cut: 0, unfinished: 0, harmless: 0 };
    for (let seed = 0; seed < wounds; seed++) {
      const folder = join(root, `wounded-${seed}`);
      cpSync(whole, folder, { recursive: true });
      const how = wound(folder, drawsOf(seed));
      try {
        const outcome = outcomeOf(folder);
        outcomes[outcome] += 1;
        if (outcome === 'cut' || outcome === 'unfinished') finish(folder);
      } catch (error) {
        throw new Error(`seed ${seed}: ${how}`, { cause: error });
      }
      rmSync(folder, { recursive: true });
    }
    expect(outcomes.refused).toBeGreaterThan(60);
    expect(outcomes.cut).toBeGreaterThan(20);
    expect(outcomes.harmless).toBeGreaterThan(10);
    expect(outcomes.refused + outcomes.cut + outcomes.unfinished + outcomes.harmless).toBe(wounds);
  });

  it('never crashes on a folder of random bytes', () => {
    for (let seed = 0; seed < 40; seed++) {
      const draw = drawsOf(1000 + seed);
      const folder = join(root, `noise-${seed}`);
      cpSync(whole, folder, { recursive: true });
      for (const file of filesOf(folder)) {
        if (draw(3) > 0) continue;
        writeFileSync(
          join(folder, file),
          Uint8Array.from({ length: draw(5000) }, () => draw(256)),
        );
      }
      outcomeOf(folder);
      rmSync(folder, { recursive: true });
    }
  });
});
