/**
 * The `scan:` lines of zpool status, from how far a resilver is.
 *
 * Law.  done = issued / total; time to go = (total − issued) / issue rate, none below 10 MiB/s.
 */
import { MIB, SECOND } from '@orrery/kernel';

export type ScanPicture =
  | { kind: 'none' }
  | { kind: 'running'; since: string; elapsedNs: number; doneBytes: number; totalBytes: number }
  | { kind: 'finished'; on: string; bytes: number; tookNs: number; errors: number };

/** The lines after `scan: `. */
export function scanText(scan: ScanPicture): string[] {
  if (scan.kind === 'none') return ['none requested'];
  if (scan.kind === 'finished') {
    const took = durationText(scan.tookNs);
    return [`resilvered ${sizeText(scan.bytes)} in ${took} with ${scan.errors} errors on ${scan.on}`];
  }
  const rate = Math.floor(scan.doneBytes / Math.max(1, Math.floor(scan.elapsedNs / SECOND)));
  const share = scan.totalBytes === 0 ? 100 : (scan.doneBytes * 100) / scan.totalBytes;
  const done = sizeText(scan.doneBytes);
  const toGo =
    rate < 10 * MIB
      ? 'no estimated completion time'
      : `${durationText(Math.floor((scan.totalBytes - scan.doneBytes) / rate) * SECOND)} to go`;
  return [
    `resilver in progress since ${scan.since}`,
    `${done} scanned at ${sizeText(rate)}/s, ${done} issued at ${sizeText(rate)}/s, ${sizeText(scan.totalBytes)} total`,
    `${done} resilvered, ${share.toFixed(2)}% done, ${toGo}`,
  ];
}

/** `0 days 00:07:26`. */
function durationText(ns: number): string {
  const seconds = Math.floor(ns / SECOND);
  const two = (value: number) => String(Math.floor(value) % 60).padStart(2, '0');
  const hours = String(Math.floor(seconds / 3600) % 24).padStart(2, '0');
  return `${Math.floor(seconds / 86_400)} days ${hours}:${two(seconds / 60)}:${two(seconds)}`;
}

/** As zfs prints sizes: `20.1G`, `512K`, three digits. */
export function sizeText(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T', 'P'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return bytes === 0 ? '0' : `${bytes}${units[0]}`;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${Number.isInteger(value) ? value : value.toFixed(digits)}${units[unit]}`;
}
