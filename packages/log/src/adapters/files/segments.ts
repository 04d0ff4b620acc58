/**
 * Segment files hold the batches; reading them tells a torn end, which is cut, from damage, which is refused.
 *
 * Rules.  1. Files are numbered from 1 without a gap, frames in them likewise; each frame's chain matches all before it.
 *         2. A bad frame is a torn end only when it is in the last file and no valid frame follows it there. Anything
 *            else is damage, refused with file, offset and reason.
 *         3. A log cut exactly between two frames, or that lost its last files, is a shorter valid log: without the
 *            run's end in it, it reads as unfinished.
 * State.  One segment in memory at a time.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchSummary, RunEnded } from '@orrery/proto';
import { damaged } from '../../errors.ts';
import type { Hash64 } from '../../hash64.ts';
import type { Cut, NamedSnapshot } from '../../log.ts';
import { NamedSnapshots } from '../../named-snapshots.ts';
import { decodeSummary } from '../../records.ts';
import { findFrame, nextChain, parseFrame, type Frame } from './frame.ts';
import { access, readWhole } from './io.ts';

// No writer rolls later than this; larger files are not read into memory.
const segmentBytesMax = 256 << 20;

/** Where a segment starts in the chain. */
export interface SegmentStart {
  readonly file: string;
  readonly firstSequence: number;
  readonly chain: Hash64;
}

interface Place {
  readonly file: string;
  readonly offset: number;
  readonly frame: Frame;
  /** The chain after the frame. */
  readonly chain: Hash64;
}

/** A log's batches as found on disk. */
export interface Scan {
  readonly starts: readonly SegmentStart[];
  readonly lastSequence: number;
  readonly upTo: number;
  readonly ended: RunEnded | undefined;
  readonly cut: Cut | undefined;
  readonly snapshots: readonly NamedSnapshot[];
  /** Where the next batch goes. */
  readonly tail: { readonly file: string; readonly offset: number; readonly chain: Hash64 };
}

/** Name of a segment file. @param number from 1 */
export function segmentFile(number: number): string {
  return `segment-${String(number).padStart(8, '0')}.log`;
}

/** The segment files, in order. @throws LogError ORRERY_LOG_DAMAGED when one is missing */
export function listSegments(folder: string): string[] {
  const names = access(folder, () => readdirSync(folder));
  const files = names.filter((name) => /^segment-\d{8}\.log$/.test(name)).sort();
  files.forEach((file, i) => {
    const expected = segmentFile(i + 1);
    if (file !== expected) throw damaged(expected, 0, `the file is missing, but ${file} is there`);
  });
  return files;
}

/**
 * Frames in order, each checked. Returns the torn end, if there is one.
 * @throws LogError ORRERY_LOG_DAMAGED, ORRERY_LOG_IO
 */
export function* walk(
  folder: string,
  files: readonly string[],
  start: Omit<SegmentStart, 'file'>,
): Generator<Place, Omit<Cut, 'upTo'> | undefined> {
  let { firstSequence: sequence, chain } = start;
  for (const [i, file] of files.entries()) {
    const bytes = readSegment(folder, file);
    let offset = 0;
    while (offset < bytes.length) {
      const frame = parseFrame(bytes, offset);
      if (typeof frame === 'string') {
        const next = findFrame(bytes, offset + 1, sequence);
        if (next >= 0) throw damaged(file, offset, `${frame}, and a whole batch follows at byte ${next}`);
        if (i + 1 < files.length) throw damaged(file, offset, `${frame}, and ${files[i + 1]} follows`);
        return { file, offset, cutBytes: bytes.length - offset, reason: frame };
      }
      if (frame.sequence !== sequence) {
        throw damaged(file, offset, `batch ${frame.sequence} is where batch ${sequence} must be`);
      }
      if (frame.chain.low !== chain.low || frame.chain.high !== chain.high) {
        throw damaged(file, offset, `batch ${sequence} does not follow from what is before it`);
      }
      chain = nextChain(chain, sequence, frame.body);
      yield { file, offset, frame, chain };
      sequence += 1;
      offset = frame.end;
    }
  }
  return undefined;
}

/** The snapshot of the latest moment, whether or not a batch names it. */
function newestSnapshot(folder: string): { file: string; time: number } | undefined {
  const files = access(folder, () => readdirSync(folder)).filter(isSnapshot);
  const found = files.map((file) => ({ file, time: Number(/\d+/.exec(file)?.[0]) }));
  return found.sort((a, b) => a.time - b.time).at(-1);
}

/** What ends between two batches does not look torn; but a snapshot is taken after the batches before it. */
function lostBefore(
  newest: ReturnType<typeof newestSnapshot>,
  upTo: number,
  { file, offset }: Scan['tail'],
): Omit<Cut, 'upTo'> | undefined {
  if (newest === undefined || newest.time <= upTo) return undefined;
  return { file, offset, cutBytes: 0, reason: `batches are gone: ${newest.file} is of a later moment` };
}

export function isSnapshot(name: string): boolean {
  return /^snapshot-\d+\.bin$/.test(name);
}

/** Reads every frame once. @throws LogError ORRERY_LOG_DAMAGED, ORRERY_LOG_IO */
export function scan(folder: string, genesis: Hash64): Scan {
  // Looked for first: whoever writes a log meanwhile has batches before it has their snapshot.
  const newest = newestSnapshot(folder);
  const files = listSegments(folder);
  const starts: SegmentStart[] = [];
  const snapshots = new NamedSnapshots();
  let upTo = 0;
  let lastSequence = 0;
  let ended: RunEnded | undefined;
  let tail = { file: files.at(-1) ?? segmentFile(1), offset: 0, chain: genesis };
  const frames = walk(folder, files, { firstSequence: 1, chain: genesis });
  let step = frames.next();
  for (; !step.done; step = frames.next()) {
    const { file, offset, frame } = step.value;
    if (offset === 0) starts.push({ file, firstSequence: frame.sequence, chain: frame.chain });
    const summary = summaryOf(step.value);
    if (ended !== undefined) throw damaged(file, offset, 'a batch follows the end of the run');
    if (summary.toTime < upTo) throw damaged(file, offset, `time goes back to ${summary.toTime} ns`);
    upTo = summary.toTime;
    ended = summary.ended;
    lastSequence = frame.sequence;
    snapshots.add(summary);
    tail = { file, offset: frame.end, chain: step.value.chain };
  }
  const torn = step.value;
  // Files after the last whole batch are empty or torn: writing goes on in the last of them.
  const lastFile = files.at(-1) ?? tail.file;
  if (lastFile !== tail.file) tail = { file: lastFile, offset: 0, chain: tail.chain };
  const lost = torn ?? (ended === undefined ? lostBefore(newest, upTo, tail) : undefined);
  return {
    starts,
    lastSequence,
    upTo,
    ended,
    cut: lost && { ...lost, upTo },
    snapshots: snapshots.found,
    tail,
  };
}

function summaryOf(place: Place): BatchSummary {
  const { file, offset, frame } = place;
  const summary = decodedOf(place, decodeSummary);
  if (summary.sequence !== frame.sequence || !Number.isSafeInteger(summary.toTime)) {
    throw damaged(file, offset, 'the batch is not the one its head tells');
  }
  return summary;
}

/** What a frame's body holds. @throws LogError ORRERY_LOG_DAMAGED when it does not decode */
export function decodedOf<T>({ file, offset, frame }: Place, decode: (body: Uint8Array) => T): T {
  try {
    return decode(frame.body);
  } catch {
    throw damaged(file, offset, 'the batch is no protobuf of this format');
  }
}

function readSegment(folder: string, file: string): Uint8Array {
  const bytes = readWhole(join(folder, file));
  if (bytes === undefined) throw damaged(file, 0, 'the file is missing');
  if (bytes.length > segmentBytesMax)
    throw damaged(file, segmentBytesMax, 'the file is larger than a segment can be');
  return bytes;
}
