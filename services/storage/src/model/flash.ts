/**
 * A solid-state disk works on several operations at once and shares one link to the host; it has no arm.
 *
 * Law.    service = latency + wait for the link + size / link rate; the latency is the read's or the write's, on one of
 *         `channels` channels. A write that must last (flush) on a disk without power-loss protection waits for
 *         the flash to be programmed: `PROGRAM_NS` more.
 *         A slow disk takes `factor` times as long for both, not for waiting.
 * Rules.  1. One operation a channel; the link carries one transfer after another.
 * State.  `linkFree`, when the link is free again; kept by the caller.
 * Omits.  Garbage collection, wear, the write cache running full: a long burst of writes is too fast here.
 */

/** ns; consumer flash, multi-level cells. Too small: a SLOG without capacitors looks good; too large: unusable. */
const PROGRAM_NS = 900_000;

export interface FlashFigures {
  channels: number;
  readLatencyNs: number;
  writeLatencyNs: number;
  linkBytesPerSecond: number;
  flushNs: number;
}

export interface FlashSheet {
  channels: number;
  readLatencyNs: number;
  writeLatencyNs: number;
  transferBytesPerSecondOuter: number;
  powerLossProtection: boolean;
}

/** Figures of a data sheet, made ready for the law. */
export function flashFigures(sheet: FlashSheet): FlashFigures {
  return {
    channels: Math.max(1, sheet.channels),
    readLatencyNs: sheet.readLatencyNs,
    writeLatencyNs: sheet.writeLatencyNs,
    linkBytesPerSecond: sheet.transferBytesPerSecondOuter,
    flushNs: sheet.powerLossProtection ? 0 : PROGRAM_NS,
  };
}

/** @returns time in the device, integer ns; the link is busy until `at` + that */
export function flashServiceNs(
  figures: FlashFigures,
  access: { write: boolean; flush: boolean; sizeBytes: number; at: number; linkFree: number },
  factor = 1,
): number {
  const latency = access.write
    ? figures.writeLatencyNs + (access.flush ? figures.flushNs : 0)
    : figures.readLatencyNs;
  const transfer = Math.round((access.sizeBytes * 1_000_000_000) / figures.linkBytesPerSecond);
  const ready = access.at + Math.round(latency * factor);
  return Math.max(ready, access.linkFree) + Math.round(transfer * factor) - access.at;
}
