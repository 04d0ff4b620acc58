import { mkdtempSync, readdirSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '@orrery/proto';
import { factAt, header, second } from '../../sample.case.ts';
import { createFilesLog, openFilesLog, openGrowingLog } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-growing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sequences = (batches: Iterable<Batch>) => [...batches].map(({ sequence }) => sequence);

describe('a log that is read while it grows', () => {
  it('gives each batch once it is written, from anywhere, over many files', () => {
    const writer = createFilesLog(folder, header, { segmentBytes: 20_000 });
    const growing = openGrowingLog(folder);
    for (let index = 0; index < 3000; index++) {
      writer.appendFact(factAt(index));
      if (index % 10 !== 9) continue;
      writer.commitBatch((index + 1) * (second / 10));
      if (index % 1000 === 999)
        expect(sequences(growing.batches((index - 9) / 10 - 1))).toEqual([
          (index - 9) / 10,
          (index + 1) / 10,
        ]);
    }
    expect(readdirSync(folder).length).toBeGreaterThan(5);
    const all = sequences(openFilesLog(folder).batches());
    expect(all.length).toBe(300);
    for (const after of [0, 1, 149, 298, 299, 300, 1000])
      expect(sequences(growing.batches(after))).toEqual(all.slice(after));
    expect([...growing.batches(0)]).toEqual([...openFilesLog(folder).batches()]);
    writer.close();
  });

  it('does not see half a batch', () => {
    const writer = createFilesLog(folder, header);
    for (let index = 0; index < 20; index++) {
      writer.appendFact(factAt(index));
      if (index % 10 === 9) writer.commitBatch(((index + 1) / 10) * second);
    }
    writer.close();
    const file = join(folder, 'segment-00000001.log');
    truncateSync(file, statSync(file).size - 5);
    expect(sequences(openGrowingLog(folder).batches(0))).toEqual([1]);
  });
});
