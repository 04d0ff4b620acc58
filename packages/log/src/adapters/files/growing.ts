/** Reads batches of a folder that is being written: what was found once is not read through again. */
import type { Batch } from '@orrery/proto';
import { decodeBatch } from '../../records.ts';
import { readHeader } from './header.ts';
import { decodedOf, listSegments, walk, type SegmentStart } from './segments.ts';

export interface GrowingLog {
  /** Whole batches after number `sequence`, in order, as far as they are written now. @throws LogError */
  batches(afterSequence: number): Iterable<Batch>;
}

/** @throws LogError ORRERY_LOG_NOT_FOUND, ORRERY_LOG_VERSION */
export function openGrowingLog(folder: string): GrowingLog {
  const { chain } = readHeader(folder);
  const starts: SegmentStart[] = [];
  return {
    *batches(afterSequence) {
      const known = starts.findLast(({ firstSequence }) => firstSequence <= afterSequence + 1);
      const files = listSegments(folder);
      const file = known?.file ?? files[0];
      if (file === undefined) return;
      const start = known ?? { file, firstSequence: 1, chain };
      for (const place of walk(folder, files.slice(files.indexOf(file)), start)) {
        const { frame, offset } = place;
        const last = starts.at(-1)?.firstSequence ?? 0;
        if (offset === 0 && frame.sequence > last)
          starts.push({ file: place.file, firstSequence: frame.sequence, chain: frame.chain });
        if (frame.sequence > afterSequence) yield decodedOf(place, decodeBatch);
      }
    },
  };
}
