import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeLog } from '../../log.case.ts';
import { header } from '../../sample.case.ts';
import { createFilesLog, openFilesLog, resumeFilesLog } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'orrery-log-'));
let count = 0;

afterAll(() => rmSync(root, { recursive: true }));

for (const segmentBytes of [2000, undefined]) {
  describeLog(`files, segments of ${segmentBytes ?? 'the default'} bytes`, () => {
    const folder = join(root, String(count++));
    return {
      create: () => createFilesLog(folder, header, { segmentBytes }),
      read: () => openFilesLog(folder),
      resume: (engine) => resumeFilesLog(folder, engine, { segmentBytes }),
    };
  });
}
