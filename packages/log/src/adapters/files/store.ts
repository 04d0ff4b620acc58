/** Appends batches to segment files and puts snapshots in place. */
import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch, SnapshotPointer } from '@orrery/proto';
import type { BatchStore } from '../../batching.ts';
import { crc32c } from '../../crc32c.ts';
import { LogError } from '../../errors.ts';
import type { Hash64 } from '../../hash64.ts';
import { encodeSnapshot } from '../../reading.ts';
import { encodeBatch } from '../../records.ts';
import { encodeFrame, frameBodyBytesMax, nextChain } from './frame.ts';
import { access, putFile, writeAll } from './io.ts';
import { segmentFile } from './segments.ts';

// Larger segments are fewer files; smaller ones take less memory to read, since a reader holds one at a time.
const segmentBytesDefault = 16 << 20;

/** A moment at which sudden death leaves something half-done. */
export type CrashPoint = 'batch' | 'snapshot' | 'rename';

export interface StoreOptions {
  /** A segment file is closed once it would exceed this many bytes. */
  readonly segmentBytes?: number;
  /** Also survive loss of power, at the price of a disk flush for each batch. */
  readonly sync?: boolean;
  /** Snapshots kept; older ones are deleted. At least 2; by default all, so that any moment is quick to reach. */
  readonly snapshotsKept?: number;
  /** Called with half a batch or snapshot written, before a snapshot's rename, and between that and its naming. */
  readonly crash?: (point: CrashPoint) => void;
  /** Told of each batch once it is written. */
  readonly onBatch?: (batch: Batch) => void;
}

/** Where the next batch goes. */
export interface StoreTail {
  readonly file: string;
  readonly offset: number;
  readonly chain: Hash64;
}

/** The store of a folder whose lock is held. */
export class SegmentStore implements BatchStore {
  private readonly folder: string;
  private readonly engine: number;
  private readonly options: StoreOptions;
  private readonly snapshotFiles: string[];
  private readonly release: () => void;
  private descriptor: number;
  private file: string;
  private offset: number;
  private chain: Hash64;
  private failed: unknown;

  constructor(
    place: { folder: string; engine: number; tail: StoreTail; snapshotFiles: readonly string[] },
    options: StoreOptions,
    release: () => void,
  ) {
    this.folder = place.folder;
    this.engine = place.engine;
    this.options = options;
    this.snapshotFiles = [...place.snapshotFiles];
    this.release = release;
    this.file = place.tail.file;
    this.offset = place.tail.offset;
    this.chain = place.tail.chain;
    this.descriptor = this.open(place.tail.offset);
  }

  append(batch: Batch): void {
    if (this.failed !== undefined) throw this.failed;
    try {
      this.writeFrame(batch);
    } catch (error) {
      // The file may end in half a batch: nothing may follow it.
      this.failed = error;
      throw error;
    }
    if (batch.snapshot) this.dropOldSnapshots(batch.snapshot.file);
    this.options.onBatch?.(batch);
  }

  putSnapshot(time: number, state: Uint8Array): SnapshotPointer {
    const { crash, sync = false } = this.options;
    const bytes = encodeSnapshot(time, this.engine, state);
    const file = snapshotFile(time);
    putFile(join(this.folder, file), bytes, sync, {
      halfWritten: () => crash?.('snapshot'),
      beforeRename: () => crash?.('rename'),
    });
    crash?.('rename');
    return { file, time, crc: crc32c(bytes), size: bytes.length };
  }

  close(): void {
    try {
      closeSync(this.descriptor);
    } finally {
      this.release();
    }
  }

  private open(offset: number): number {
    const path = join(this.folder, this.file);
    return access(path, () => {
      const descriptor = openSync(path, offset > 0 ? 'r+' : 'w');
      ftruncateSync(descriptor, offset);
      return descriptor;
    });
  }

  private writeFrame(batch: Batch): void {
    const body = encodeBatch(batch);
    if (body.length > frameBodyBytesMax) {
      throw new LogError(
        'ORRERY_LOG_IO',
        `batch ${batch.sequence} has ${body.length} bytes, a batch may have ${frameBodyBytesMax}`,
        {
          file: this.file,
        },
      );
    }
    const bytes = encodeFrame(batch.sequence, this.chain, body);
    this.roll(bytes.length);
    const { crash, sync } = this.options;
    access(join(this.folder, this.file), () => {
      const half = crash === undefined ? bytes.length : bytes.length >>> 1;
      writeAll(this.descriptor, bytes, { start: 0, end: half, position: this.offset });
      crash?.('batch');
      writeAll(this.descriptor, bytes, { start: half, end: bytes.length, position: this.offset + half });
      if (sync) fsyncSync(this.descriptor);
    });
    this.offset += bytes.length;
    this.chain = nextChain(this.chain, batch.sequence, body);
  }

  private roll(bytes: number): void {
    const { segmentBytes = segmentBytesDefault } = this.options;
    if (this.offset === 0 || this.offset + bytes <= segmentBytes) return;
    closeSync(this.descriptor);
    this.file = segmentFile(Number(/\d+/.exec(this.file)?.[0]) + 1);
    this.offset = 0;
    this.descriptor = this.open(0);
  }

  private dropOldSnapshots(newest: string): void {
    this.snapshotFiles.push(newest);
    const kept = Math.max(2, this.options.snapshotsKept ?? Infinity);
    while (this.snapshotFiles.length > kept) {
      rmSync(join(this.folder, this.snapshotFiles.shift() as string), { force: true });
    }
  }
}

/** Name of a snapshot's file. @param time ns; padded so that names sort by time */
export function snapshotFile(time: number): string {
  return `snapshot-${String(time).padStart(16, '0')}.bin`;
}
