/** Batches that are gone without a trace in the files that are left, but for a snapshot of a later moment. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { header, second, writeRun } from '../../sample.case.ts';
import { createFilesLog, openFilesLog, resumeFilesLog } from './index.ts';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'orrery-log-gone-')), 'log');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

function written(segmentBytes?: number): string[] {
  const writer = createFilesLog(folder, header, { segmentBytes });
  writeRun(writer, { seconds: 20 });
  writer.close();
  return readdirSync(folder)
    .filter((name) => name.startsWith('segment-'))
    .sort();
}

test('all of them', () => {
  for (const file of written()) rmSync(join(folder, file));
  const reader = openFilesLog(folder);
  expect(reader).toMatchObject({ state: 'unfinished', upTo: 0 });
  expect(reader.cut).toEqual({
    file: 'segment-00000001.log',
    offset: 0,
    cutBytes: 0,
    upTo: 0,
    reason: 'batches are gone: snapshot-0000020000000000.bin is of a later moment',
  });
});

test('the last files of several: what is left is gone on with, to the same end', () => {
  const files = written(2000);
  expect(files.length).toBeGreaterThan(4);
  for (const file of files.slice(2)) rmSync(join(folder, file));
  const { cut, upTo } = openFilesLog(folder);
  expect(upTo).toBeLessThan(15 * second);
  expect(cut).toMatchObject({ cutBytes: 0, upTo, reason: expect.stringContaining('batches are gone') });
  const { writer, snapshot } = resumeFilesLog(folder, header.engine, { segmentBytes: 2000 });
  const digest = writeRun(writer, { seconds: 20, from: (snapshot?.time ?? 0) / second });
  writer.close();
  expect(openFilesLog(folder)).toMatchObject({ state: 'ended', cut: undefined, ended: { digest } });
});

test('none, while a log is written', () => {
  const writer = createFilesLog(folder, header);
  writeRun(writer, { seconds: 17, end: false });
  expect(openFilesLog(folder).cut).toBeUndefined();
  writer.close();
  expect(openFilesLog(folder).cut).toBeUndefined();
});
