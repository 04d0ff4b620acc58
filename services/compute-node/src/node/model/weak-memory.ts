/**
 * Weak memory is a few bad pages of a DIMM whose cells flip now and then; the controller corrects each flip and says
 * so. It does not slow the node.
 *
 * Why.       Correctable errors are telemetry until they repeat: the fault manager retires the pages that show them, and
 *            calls the DIMM faulty only past its own N and T.
 * Intuition. Each error strikes one of the weak pages at random. A retired page is read no more, so its errors
 *            end, and with the last weak page retired the DIMM is quiet, though nothing was mended.
 * Law.       Errors are a Poisson process of the given rate over all weak pages; each page has an equal share.
 * State.     The weak pages, drawn once at the injection; the retired pages of the DIMM, until it is replaced.
 * Omits.     Ranks, banks and scrubbing order; page numbers are within the DIMM.
 */
import { uniformInt, type Stream } from '@orrery/kernel';

export const PAGE_BYTES = 4096;

export interface Dimm {
  name: string;
  sizeBytes: number;
  /** Pages that are used no more, ascending by time of retirement. */
  retired: number[];
}

/** `count` neighbouring pages of a DIMM, at a random place. */
export function drawWeakPages(dimm: Dimm, count: number, stream: Stream): number[] {
  const pages = Math.max(1, Math.floor(dimm.sizeBytes / PAGE_BYTES));
  const width = Math.max(1, Math.min(Math.floor(count), pages));
  const first = uniformInt(stream, pages - width + 1);
  return Array.from({ length: width }, (_, index) => first + index);
}

/** The page that an error strikes, or -1 when that page is retired and nothing is read there. */
export function struckPage(dimm: Dimm, weak: readonly number[], stream: Stream): number {
  const page = weak[uniformInt(stream, weak.length)] ?? -1;
  return dimm.retired.includes(page) ? -1 : page;
}

/** Whether any weak page is still in use. */
export function stillStruck(dimm: Dimm, weak: readonly number[]): boolean {
  return weak.some((page) => !dimm.retired.includes(page));
}

/** Takes a page out of use. @returns false when it was already */
export function retirePage(dimm: Dimm, page: number): boolean {
  if (dimm.retired.includes(page)) return false;
  dimm.retired.push(page);
  return true;
}
