import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, it } from 'vitest';
import { exportParquet } from '../adapters/files/index.ts';
import { newMemoryLog, readMemoryLog, writeMemoryLog } from '../memory.ts';
import { factAt, header, second, writeRun } from '../sample.case.ts';
import { jsonLines } from './json-lines.ts';
import { rowsOf, toJson } from './rows.ts';

const root = mkdtempSync(join(tmpdir(), 'orrery-export-'));
afterAll(() => rmSync(root, { recursive: true }));

const addressOf = (actor: number): string | undefined => (actor === 1 << 20 ? 'cn-0001' : undefined);

function sample() {
  const log = newMemoryLog(header);
  const writer = writeMemoryLog(log);
  writeRun(writer, { seconds: 8 });
  writer.close();
  return readMemoryLog(log);
}

describe('JSON Lines', () => {
  it('has a fact or command a line, decoded, named, in the order of the log', () => {
    const lines = [...jsonLines(sample(), addressOf)];
    expect(lines).toHaveLength(81);
    expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows[1]).toEqual({
      record: 'fact',
      timeNs: 0,
      address: 'cn-0001',
      actor: 1 << 20,
      n: 1,
      kind: 'faultInjected',
      cause: { address: '#0', actor: 0, n: 1 },
      payload: {
        faultId: 'f1',
        kind: 'disk.fail',
        target: 'cn-0001/disk/c0t1d0',
        params: [],
        askedBy: 'scenario.yaml:12',
      },
    });
    expect(rows[0].cause).toBeNull();
    expect(rows[60]).toMatchObject({
      record: 'command',
      timeNs: 6 * second,
      address: 'cn-0001',
      kind: 'repair',
      text: 'replace disk c0t1d0',
      payload: { kind: 'disk.replace', part: 'disk/c0t1d0' },
    });
  });

  it('keeps the bytes of a kind that this release does not know', () => {
    const log = newMemoryLog(header);
    const writer = writeMemoryLog(log);
    writer.appendFact({ ...factAt(1), kind: 99_999, payload: new Uint8Array([1, 255]) });
    writer.close();
    const [line] = [...jsonLines(readMemoryLog(log), addressOf)];
    expect(JSON.parse(line)).toMatchObject({ kind: 'fact 99999', payload: { undecoded: '01ff' } });
  });

  it('writes numbers that JSON lacks as text', () => {
    expect(toJson({ a: NaN, b: Infinity, c: 1.5 })).toBe('{"a":"NaN","b":"Infinity","c":1.5}');
  });
});

describe('Parquet', () => {
  it('holds the same rows, read back by another library', async () => {
    const file = join(root, 'run.parquet');
    expect(exportParquet(sample(), file, addressOf)).toBe(81);
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
    const rows = [...rowsOf(sample(), addressOf)];
    expect(read).toHaveLength(81);
    read.forEach((row, i) => {
      expect(row).toMatchObject({
        record: rows[i].record,
        time_ns: BigInt(rows[i].timeNs),
        address: rows[i].address,
        actor: BigInt(rows[i].actor),
        n: BigInt(rows[i].n),
        kind: rows[i].kind,
        kind_number: rows[i].kindNumber,
        text: rows[i].text,
        payload: toJson(rows[i].payload),
      });
      expect(row.cause_n ?? undefined).toBe(
        rows[i].causeN === undefined ? undefined : BigInt(rows[i].causeN ?? 0),
      );
    });
  });

  it('is a valid file without rows, and with more rows than one group', async () => {
    const log = newMemoryLog(header);
    const writer = writeMemoryLog(log);
    const empty = join(root, 'empty.parquet');
    expect(exportParquet(readMemoryLog(log), empty, addressOf)).toBe(0);
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(empty) })).toEqual([]);
    for (let i = 0; i < 20_001; i++) writer.appendFact(factAt(i));
    writer.close();
    const large = join(root, 'large.parquet');
    expect(exportParquet(readMemoryLog(log), large, addressOf)).toBe(20_001);
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(large), columns: ['n'] });
    expect(read).toHaveLength(20_001);
    expect(read[20_000]).toEqual({ n: 5001n });
    expect(readFileSync(large).subarray(0, 4).toString()).toBe('PAR1');
  });

  it('leaves nothing behind when it cannot be written', () => {
    expect(() => exportParquet(sample(), join(root, 'no', 'such', 'run.parquet'), addressOf)).toThrow(
      expect.objectContaining({ code: 'ORRERY_LOG_IO' }),
    );
  });
});
