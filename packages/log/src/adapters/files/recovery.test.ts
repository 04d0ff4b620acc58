/** What each kind of loss gives, case by case. */
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codecOf } from '@orrery/proto/codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../crc32c.ts';
import { newHash } from '../../hash64.ts';
import { contentOf, header, second, writeRun } from '../../sample.case.ts';
import { verifyLog } from '../../verify.ts';
import { encodeFrame, parseFrame, type Frame } from './frame.ts';
import { createFilesLog, openFilesLog, resumeFilesLog } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'orrery-recovery-'));
const whole = join(root, 'whole');
const segments = ['segment-00000001.log', 'segment-00000002.log', 'segment-00000003.log'];
const [first, middle, last] = segments;
let count = 0;

/** A fresh copy of a log of 20 s in three segments, with snapshots at 5, 10, 15 and 20 s. */
function copy(): string {
  const folder = join(root, `case-${count++}`);
  cpSync(whole, folder, { recursive: true });
  return folder;
}

function framesOf(path: string): (Frame & { offset: number })[] {
  const bytes = readFileSync(path);
  const frames: (Frame & { offset: number })[] = [];
  for (let offset = 0; offset < bytes.length; offset = frames[frames.length - 1].end) {
    frames.push({ ...(parseFrame(bytes, offset) as Frame), offset });
  }
  return frames;
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] ^= 16;
  writeFileSync(path, bytes);
}

const damage = (file: string, offset: number, reason: string): object =>
  expect.objectContaining({
    code: 'ORRERY_LOG_DAMAGED',
    fields: { file, offset },
    message: expect.stringContaining(reason) as string,
  });

beforeAll(() => {
  const writer = createFilesLog(whole, header, { segmentBytes: 7500 });
  writeRun(writer, { seconds: 20 });
  writer.close();
  expect(readdirSync(whole).filter((name) => name.startsWith('segment-'))).toEqual(segments);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a torn end', () => {
  it('is cut at the last whole batch, and says up to when the log is complete', () => {
    const folder = copy();
    const frames = framesOf(join(folder, last));
    const torn = frames[frames.length - 1];
    truncateSync(join(folder, last), torn.end - 3);
    const reader = openFilesLog(folder);
    expect(reader.state).toBe('unfinished');
    expect(reader.cut).toMatchObject({
      file: last,
      offset: torn.offset,
      cutBytes: torn.end - 3 - torn.offset,
      upTo: 20 * second,
    });
    expect(contentOf(reader)).toHaveLength(202);
  });

  it('is left on disk by a reader and removed by a resume', () => {
    const folder = copy();
    const path = join(folder, last);
    const torn = framesOf(path).at(-1)?.offset ?? 0;
    truncateSync(path, torn + 10);
    expect(openFilesLog(folder).cut?.cutBytes).toBe(10);
    expect(readFileSync(path)).toHaveLength(torn + 10);
    const run = resumeFilesLog(folder, 3);
    expect(run.cut?.cutBytes).toBe(10);
    run.writer.close();
    expect(readFileSync(path)).toHaveLength(torn);
    expect(openFilesLog(folder).cut).toBeUndefined();
  });

  it('may be a bad last batch, zeros or rubbish', () => {
    for (const spoil of [
      (path: string) => flip(path, (framesOf(path).at(-1)?.offset ?? 0) + 30),
      (path: string) => appendFileSync(path, new Uint8Array(5000)),
      (path: string) => appendFileSync(path, 'not a batch at all, but a good many letters'),
    ]) {
      const folder = copy();
      spoil(join(folder, last));
      expect(openFilesLog(folder).cut).toMatchObject({ file: last });
    }
  });

  it('exactly between two batches shows as unfinished only, unless a snapshot is of a later moment', () => {
    const folder = copy();
    truncateSync(join(folder, last), framesOf(join(folder, last)).at(-1)?.offset);
    expect(openFilesLog(folder)).toMatchObject({ state: 'unfinished', cut: undefined, upTo: 20 * second });
    rmSync(join(folder, last));
    const shorter = openFilesLog(folder);
    expect(shorter).toMatchObject({ state: 'unfinished', cut: { cutBytes: 0 } });
    expect(shorter.upTo).toBeLessThan(20 * second);
  });
});

describe('damage before the end', () => {
  it('is refused with file, offset and reason', () => {
    const folder = copy();
    const frame = framesOf(join(folder, middle))[2];
    flip(join(folder, middle), frame.offset + 40);
    expect(() => openFilesLog(folder)).toThrow(
      damage(middle, frame.offset, `CRC-32C, and a whole batch follows at byte ${frame.end}`),
    );
  });

  it('is refused when a length is hit, in the last file as well', () => {
    const folder = copy();
    const frame = framesOf(join(folder, last))[1];
    flip(join(folder, last), frame.offset + 2);
    expect(() => openFilesLog(folder)).toThrow(damage(last, frame.offset, 'a whole batch follows'));
  });

  it('is refused when a file that is not the last is cut', () => {
    const folder = copy();
    const frames = framesOf(join(folder, first));
    truncateSync(join(folder, first), frames[frames.length - 1].end - 1);
    expect(() => openFilesLog(folder)).toThrow(
      damage(first, frames[frames.length - 1].offset, `${middle} follows`),
    );
    truncateSync(join(folder, first), frames[frames.length - 1].offset);
    expect(() => openFilesLog(folder)).toThrow(damage(middle, 0, 'is where batch'));
  });

  it('is refused when a file is missing, swapped or of another run', () => {
    const missing = copy();
    rmSync(join(missing, middle));
    expect(() => openFilesLog(missing)).toThrow(damage(middle, 0, `missing, but ${last} is there`));

    const swapped = copy();
    renameSync(join(swapped, first), join(swapped, 'aside'));
    renameSync(join(swapped, middle), join(swapped, first));
    renameSync(join(swapped, 'aside'), join(swapped, middle));
    expect(() => openFilesLog(swapped)).toThrow(damage(first, 0, 'is where batch 1 must be'));

    const mixed = copy();
    const other = join(root, 'other');
    createFilesLog(other, { ...header, seed: 43 }).close();
    cpSync(join(other, 'header.bin'), join(mixed, 'header.bin'));
    expect(() => openFilesLog(mixed)).toThrow(damage(first, 0, 'does not follow from what is before it'));
  });

  it('is refused when a whole frame holds something else than a batch', () => {
    const folder = join(root, 'alien');
    createFilesLog(folder, header).close();
    const frame = encodeFrame(1, newHash(), new TextEncoder().encode('no protobuf'));
    writeFileSync(join(folder, first), frame);
    expect(() => openFilesLog(folder)).toThrow(damage(first, 0, 'does not follow'));
  });
});

describe('the header', () => {
  it('is refused when it is damaged or gone while batches are there', () => {
    const folder = copy();
    flip(join(folder, 'header.bin'), 20);
    expect(() => openFilesLog(folder)).toThrow(damage('header.bin', 16, 'CRC-32C'));
    truncateSync(join(folder, 'header.bin'), 18);
    expect(() => openFilesLog(folder)).toThrow(damage('header.bin', 8, '2 are there'));
    rmSync(join(folder, 'header.bin'));
    expect(() => openFilesLog(folder)).toThrow(damage('header.bin', 0, 'missing'));
  });

  it('is missed in an empty or absent folder', () => {
    const notFound = expect.objectContaining({ code: 'ORRERY_LOG_NOT_FOUND' }) as Error;
    expect(() => openFilesLog(join(root, 'nowhere'))).toThrow(notFound);
    expect(() => resumeFilesLog(join(root, 'nowhere'), 3)).toThrow(notFound);
  });

  it('of a later format is read when it says so, and never continued', () => {
    const folder = join(root, 'later');
    createFilesLog(folder, header).close();
    const write = (format: number, compatible: number): void => {
      const body = codecOf('LogHeader')
        .encode({ ...header, format, compatible })
        .finish();
      const prefix = readFileSync(join(folder, 'header.bin')).subarray(0, 16);
      prefix.writeUInt32LE(body.length, 8);
      prefix.writeUInt32LE(crc32c(body), 12);
      writeFileSync(join(folder, 'header.bin'), Buffer.concat([prefix, body]));
    };
    write(2, 1);
    expect(openFilesLog(folder).header.format).toBe(2);
    expect(() => resumeFilesLog(folder, 3)).toThrow('format 2, this release recomputes format 1');
    write(2, 2);
    expect(() => openFilesLog(folder)).toThrow(
      expect.objectContaining({
        code: 'ORRERY_LOG_VERSION',
        fields: { file: 'header.bin', found: '2', needed: '1' },
      }),
    );
  });

  it('of another engine is read, and not continued', () => {
    const folder = copy();
    expect(verifyLog(openFilesLog(folder)).digestMatches).toBe(true);
    expect(() => resumeFilesLog(folder, 2)).toThrow(expect.objectContaining({ code: 'ORRERY_LOG_ENGINE' }));
  });

  it('is not looked for in what is no folder', () => {
    const file = join(copy(), 'header.bin');
    const refused = expect.objectContaining({ code: 'ORRERY_LOG_IO' }) as Error;
    expect(() => openFilesLog(file)).toThrow(refused);
    expect(() => createFilesLog(file, header)).toThrow(refused);
  });

  it('is never written over', () => {
    expect(() => createFilesLog(copy(), header)).toThrow(
      expect.objectContaining({ code: 'ORRERY_LOG_EXISTS' }),
    );
  });
});

describe('a snapshot', () => {
  const at = (time: number): string => `snapshot-${String(time * second).padStart(16, '0')}.bin`;

  it('that is missing or damaged gives way to the one before it, and is named', () => {
    const folder = copy();
    rmSync(join(folder, at(20)));
    flip(join(folder, at(15)), 50);
    truncateSync(join(folder, at(5)), 5);
    const reader = openFilesLog(folder);
    const passedOver = [
      { file: at(20), reason: 'the file is missing' },
      { file: at(15), reason: 'its CRC-32C does not match' },
    ];
    expect(reader.lastVerifiedSnapshot()).toMatchObject({ time: 10 * second, passedOver });
    expect(reader.unusableSnapshots().map((one) => one.file)).toEqual([at(5), at(15), at(20)]);
    expect(reader.lastVerifiedSnapshot(9 * second)).toBeUndefined();
  });

  it('is deleted when it is older than those to keep, of which there are two at least', () => {
    const folder = join(root, 'few');
    const writer = createFilesLog(folder, header, { snapshotsKept: 1 });
    writeRun(writer, { seconds: 20 });
    writer.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('snapshot-'))).toEqual([at(15), at(20)]);
  });
});
