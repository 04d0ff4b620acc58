/** A log as a folder: a header, segment files of batches, snapshots, and a lock while it is written. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BatchingWriter, logStart } from '../../batching.ts';
import { damaged, LogError } from '../../errors.ts';
import { formatVersion, type LogReader, type LogWriter, type NewHeader } from '../../log.ts';
import { readerOf, type LogSource } from '../../reading.ts';
import { decodeBatch, decodeSummary } from '../../records.ts';
import { continueLog, requireUnfinished, type Resumed } from '../../resume.ts';
import { headerFile, holdsLogFiles, readHeader, writeHeader } from './header.ts';
import { access, readWhole } from './io.ts';
import { takeLock } from './lock.ts';
import { decodedOf, isSnapshot, scan, segmentFile, walk, type Scan } from './segments.ts';
import { SegmentStore, type StoreOptions } from './store.ts';

export { exportParquet } from '../parquet.ts';
export { openGrowingLog, type GrowingLog } from './growing.ts';
export { lockHolder } from './lock.ts';
export type { CrashPoint, StoreOptions } from './store.ts';

/**
 * Makes a log in a new or empty folder, locked until `close`. The header is in place on return.
 * @throws LogError ORRERY_LOG_EXISTS, ORRERY_LOG_LOCKED, ORRERY_LOG_IO
 */
export function createFilesLog(folder: string, header: NewHeader, options: StoreOptions = {}): LogWriter {
  access(folder, () => mkdirSync(folder, { recursive: true }));
  return underLock(folder, (release) => {
    if (holdsLogFiles(folder)) throw new LogError('ORRERY_LOG_EXISTS', folder, { file: headerFile });
    const full = { ...header, format: formatVersion, compatible: formatVersion };
    const chain = writeHeader(folder, full, options.sync ?? false);
    const tail = { file: segmentFile(1), offset: 0, chain };
    const store = new SegmentStore(
      { folder, engine: header.engine, tail, snapshotFiles: [] },
      options,
      release,
    );
    return new BatchingWriter(full, store, logStart);
  });
}

/**
 * Opens a log for reading, as it stands now; nothing on disk changes. Every batch is checked.
 * @throws LogError ORRERY_LOG_NOT_FOUND, ORRERY_LOG_DAMAGED, ORRERY_LOG_VERSION, ORRERY_LOG_IO
 */
export function openFilesLog(folder: string): LogReader {
  const { header, chain } = readHeader(folder);
  return readerOf(sourceOf(folder, header, scan(folder, chain)));
}

/**
 * Goes on with an unfinished log, locked until its writer is closed: cuts a torn end, then checks and appends.
 * @throws LogError those of `openFilesLog`, and ORRERY_LOG_LOCKED, ORRERY_LOG_ENGINE, ORRERY_LOG_ENDED
 */
export function resumeFilesLog(folder: string, engine: number, options: StoreOptions = {}): Resumed {
  return atItsEnd(folder, options, (reader, openWriter) => continueLog(reader, engine, openWriter));
}

/** A log that is written on by who computes nothing again, and has what follows from elsewhere. */
export interface Appended {
  readonly reader: LogReader;
  readonly writer: LogWriter;
}

/**
 * Goes on at the end of an unfinished log, locked until its writer is closed: cuts a torn end, then appends.
 * @throws LogError as `resumeFilesLog`
 */
export function appendFilesLog(folder: string, engine: number, options: StoreOptions = {}): Appended {
  return atItsEnd(folder, options, (reader, openWriter) => {
    requireUnfinished(reader, engine);
    return { reader, writer: openWriter() };
  });
}

function atItsEnd<T>(
  folder: string,
  options: StoreOptions,
  open: (reader: LogReader, openWriter: () => LogWriter) => T,
): T {
  readHeader(folder);
  return underLock(folder, (release) => {
    const { header, chain } = readHeader(folder);
    const found = scan(folder, chain);
    return open(readerOf(sourceOf(folder, header, found)), () => {
      const snapshotFiles = found.snapshots.map((named) => named.pointer.file);
      dropLeftovers(folder, new Set(snapshotFiles));
      const place = { folder, engine: header.engine, tail: found.tail, snapshotFiles };
      const position = {
        sequence: found.lastSequence,
        upTo: found.upTo,
        snapshotTimes: found.snapshots.map((named) => named.pointer.time),
      };
      return new BatchingWriter(header, new SegmentStore(place, options, release), position);
    });
  });
}

function underLock<T>(folder: string, open: (release: () => void) => T): T {
  const release = takeLock(folder);
  try {
    return open(release);
  } catch (error) {
    release();
    throw error;
  }
}

function sourceOf(folder: string, header: LogReader['header'], found: Scan): LogSource {
  return {
    header,
    upTo: found.upTo,
    lastSequence: found.lastSequence,
    ended: found.ended,
    cut: found.cut,
    snapshots: found.snapshots,
    batches: (afterSequence) => decodedFrames(folder, found, afterSequence, decodeBatch),
    summaries: (afterSequence) => decodedFrames(folder, found, afterSequence, decodeSummary),
    snapshotBytes: (file) => (isSnapshot(file) ? readWhole(join(folder, file)) : undefined),
  };
}

function* decodedFrames<T>(
  folder: string,
  found: Scan,
  afterSequence: number,
  decode: (body: Uint8Array) => T,
): Iterable<T> {
  const first = found.starts.findLastIndex((start) => start.firstSequence <= afterSequence + 1);
  if (first < 0 || afterSequence >= found.lastSequence) return;
  const files = found.starts.slice(first).map((start) => start.file);
  for (const place of walk(folder, files, found.starts[first])) {
    if (place.frame.sequence > afterSequence) yield decodedOf(place, decode);
    if (place.frame.sequence >= found.lastSequence) return;
  }
  throw damaged(files[files.length - 1], 0, `batch ${found.lastSequence} was there and is gone`);
}

/** Removes what a dead writer left half-done: temporary files, and snapshots that no batch names. */
function dropLeftovers(folder: string, named: ReadonlySet<string>): void {
  access(folder, () => {
    for (const name of readdirSync(folder)) {
      const leftover = /^(snapshot-\d+\.bin|header\.bin|lock\.\d+)\.tmp$/.test(name);
      const unnamed = isSnapshot(name) && !named.has(name);
      if (leftover || unnamed) rmSync(join(folder, name), { force: true });
    }
  });
}
