/**
 * Reads batches of a folder that is being written, from anywhere in it, at the price of what is read.
 *
 * Why.       A live run's followers read back pages of its log again and again; a reader that checks the whole log first would
 *            cost more with every minute.
 * Rules.     1. Each frame is checked by its own CRC and number. The chain from the log's beginning is not: the writer made it in
 *               this process, or checked it when the log was opened.
 *            2. Reading ends at the last whole frame; one that is still being written is not there yet.
 * State.     A mark for every `markBytes` that were read once.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '@orrery/proto';
import { damaged } from '../../errors.ts';
import { decodeBatch } from '../../records.ts';
import { frameBodyBytesMax, frameHeadBytes, parseFrame, type Frame } from './frame.ts';
import { readHeader } from './header.ts';
import { access } from './io.ts';
import { listSegments } from './segments.ts';

export interface GrowingLog {
  /** Whole batches after number `sequence`, in order, as far as they are written now. @throws LogError */
  batches(afterSequence: number): Iterable<Batch>;
}

// Bytes between marks. More: more is passed over before the batch that is wanted; fewer: more memory.
const markBytes = 128 << 10;
// Bytes read at once.
const chunkBytes = 1 << 20;

/** Where a frame begins. */
interface Place {
  readonly sequence: number;
  readonly file: string;
  readonly offset: number;
}

/** @throws LogError ORRERY_LOG_NOT_FOUND, ORRERY_LOG_VERSION */
export function openGrowingLog(folder: string): GrowingLog {
  readHeader(folder);
  const marks: Place[] = [];
  return {
    *batches(afterSequence) {
      const files = listSegments(folder);
      const start = marks.findLast(({ sequence }) => sequence <= afterSequence + 1);
      const first = start?.file ?? files[0];
      if (first === undefined) return;
      let sequence = start?.sequence ?? 1;
      for (const file of files.slice(files.indexOf(first))) {
        const from = file === start?.file ? start.offset : 0;
        for (const { frame, offset } of framesOf(folder, file, from)) {
          if (frame.sequence !== sequence)
            throw damaged(file, offset, `batch ${frame.sequence} is where batch ${sequence} must be`);
          mark(marks, { sequence, file, offset });
          if (sequence > afterSequence) yield decodeBatch(frame.body);
          sequence++;
        }
      }
    },
  };
}

function mark(marks: Place[], place: Place): void {
  const last = marks.at(-1);
  if (last !== undefined && place.sequence <= last.sequence) return;
  if (last?.file === place.file && place.offset - last.offset < markBytes) return;
  marks.push(place);
}

/** Whole frames of a file from an offset on. */
function* framesOf(folder: string, file: string, from: number): Generator<{ frame: Frame; offset: number }> {
  const path = join(folder, file);
  const descriptor = access(path, () => openSync(path, 'r'));
  try {
    let offset = from;
    let wanted = chunkBytes;
    for (;;) {
      const bytes = readAt(path, descriptor, offset, wanted);
      let at = 0;
      for (let frame = parseFrame(bytes, at); typeof frame !== 'string'; frame = parseFrame(bytes, at)) {
        yield { frame, offset: offset + at };
        at = frame.end;
      }
      offset += at;
      if (at > 0) wanted = chunkBytes;
      else if (bytes.length < wanted || wanted > frameHeadBytes + frameBodyBytesMax) return;
      else wanted *= 4;
    }
  } finally {
    closeSync(descriptor);
  }
}

function readAt(path: string, descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return access(path, () => {
    let got = 0;
    while (got < length) {
      const more = readSync(descriptor, bytes, got, length - got, offset + got);
      if (more === 0) break;
      got += more;
    }
    return bytes.subarray(0, got);
  });
}
