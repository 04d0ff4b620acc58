/** Sudden death at each point of a write, and by kill -9 of a real process. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { contentOf, digestOf, header, secondOf, writeRun } from '../../sample.case.ts';
import { verifyLog } from '../../verify.ts';
import { createFilesLog, openFilesLog, resumeFilesLog, type CrashPoint } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'orrery-death-'));
const seconds = 30;
const options = { segmentBytes: 5000 };
afterAll(() => rmSync(root, { recursive: true }));

/** A hook that throws the `nth` time it is called at a point. */
function dieAt(point: CrashPoint, nth: number): (at: CrashPoint) => void {
  let left = nth;
  return (at) => {
    if (at === point && --left === 0) throw new Error('dead');
  };
}

function resumeToEnd(folder: string, crash?: (at: CrashPoint) => void): void {
  const run = resumeFilesLog(folder, header.engine, { ...options, crash });
  try {
    writeRun(run.writer, { seconds, from: run.snapshot ? secondOf(run.snapshot.state) : 0 });
  } finally {
    run.writer.close();
  }
}

function expectWhole(folder: string): void {
  const reader = openFilesLog(folder);
  expect(verifyLog(reader)).toMatchObject({
    state: 'ended',
    digest: digestOf(seconds),
    digestMatches: true,
    facts: seconds * 10,
    commands: 4,
    unusableSnapshots: [],
  });
  expect(contentOf(reader)).toHaveLength(seconds * 10 + 4);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}

describe('a run that dies', () => {
  const points: [CrashPoint, number][] = [
    ['batch', 1],
    ['batch', 2],
    ['batch', 17],
    ['batch', 41],
    ['snapshot', 1],
    ['snapshot', 4],
    ['rename', 1],
    ['rename', 2],
    ['rename', 7],
    ['rename', 8],
  ];
  for (const [point, nth] of points) {
    it(`at ${point} ${nth} is resumed to the end of an undisturbed run`, () => {
      const folder = join(root, `${point}-${nth}`);
      const writer = createFilesLog(folder, header, { ...options, crash: dieAt(point, nth) });
      expect(() => writeRun(writer, { seconds })).toThrow('dead');
      expect(openFilesLog(folder).cut === undefined).toBe(point !== 'batch');
      expect(() => writer.close()).not.toThrow();
      resumeToEnd(folder);
      expectWhole(folder);
    });
  }

  it('again and again is resumed all the same', () => {
    const folder = join(root, 'again');
    const writer = createFilesLog(folder, header, { ...options, crash: dieAt('batch', 6) });
    expect(() => writeRun(writer, { seconds })).toThrow('dead');
    writer.close();
    const deaths: [CrashPoint, number][] = [
      ['batch', 2],
      ['snapshot', 1],
      ['rename', 1],
      ['rename', 2],
      ['batch', 9],
      ['rename', 3],
    ];
    for (const [point, nth] of deaths) expect(() => resumeToEnd(folder, dieAt(point, nth))).toThrow('dead');
    resumeToEnd(folder);
    expectWhole(folder);
  });

  it('takes no more records after a write that failed', () => {
    const folder = join(root, 'failed');
    const writer = createFilesLog(folder, header, { ...options, crash: dieAt('batch', 3) });
    expect(() => writeRun(writer, { seconds })).toThrow('dead');
    expect(() => writer.commitBatch(99e9)).toThrow('dead');
    writer.close();
    expect(openFilesLog(folder).lastSequence).toBe(2);
  });
});

describe('a process that is killed with -9', () => {
  const child = fileURLToPath(new URL('killed-writer.case.ts', import.meta.url));
  for (const [point, nth] of [
    ['batch', 12],
    ['snapshot', 2],
    ['rename', 4],
  ] as const) {
    it(`in ${point} leaves a stale lock and a log that is resumed`, () => {
      const folder = join(root, `killed-${point}`);
      const args = ['--conditions', 'orrery-source', '--import', 'tsx', child, folder, point, String(nth)];
      const result = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(result).toMatchObject({ signal: 'SIGKILL', stderr: '' });
      expect(readdirSync(folder)).toContain('lock');
      resumeToEnd(folder);
      expectWhole(folder);
    });
  }
});
