/** What a device does with one I/O: how long it takes, and how it ends. Physics only: nothing here knows of vdev states. */
import { Behind, Place, addToLedger } from '@orrery/proto';
import { flashServiceNs } from '../model/flash.ts';
import { hddServiceNs } from '../model/hdd.ts';
import { HANG_NS } from '../model/import.ts';
import { overwrite, touchesBad } from '../model/media.ts';
import { chargeWait, occupy, type Owner } from '../model/timeline.ts';
import { Outcome, Purpose, type Leaf, type LeafIo } from './state.ts';

/** The drive tries an unreadable sector again and again: ten revolutions of a 7,200 rpm disk, ns. */
const REREAD_NS_ROTATING = 83_000_000;
const REREAD_NS_FLASH = 2_000_000;
/** sd tries an I/O that failed once more. */
const SD_TRIES = 2;

/** On whose account the device works while it serves an I/O. */
export function ownerOf(io: LeafIo): Owner {
  return { behind: behindOf(io.purpose), zone: io.zone };
}

function behindOf(purpose: Purpose): Behind {
  switch (purpose) {
    case Purpose.USER:
      return Behind.ITSELF;
    case Purpose.TXG:
    case Purpose.UBERBLOCK:
      return Behind.TXG_SYNC;
    case Purpose.PROBE:
    case Purpose.REOPEN:
      return Behind.FAULT;
    default:
      return Behind.RESILVER;
  }
}

/**
 * Starts an I/O on a channel: sets its start, finish and outcome, and charges its wait and service.
 * @param waitingSince oldest issue that still waits for the device
 */
export function serve(leaf: Leaf, io: LeafIo, channel: number, depth: number, waitingSince: number): void {
  const { condition, timeline } = leaf;
  const start = Math.max(io.issuedAt, timeline.free[channel]);
  const service = serviceNs(leaf, io, start, depth) + condition.delayNs;
  condition.delayNs = 0;
  io.channel = channel;
  io.start = start;
  io.outcome = outcomeOf(leaf, io);
  io.finish = start + service * (io.outcome === Outcome.EIO ? SD_TRIES : 1);
  leaf.head = io.lba + io.size;
  if (io.purpose === Purpose.USER) account(leaf, io);
  const behind = behindOf(io.purpose);
  occupy(timeline, channel, { start, end: io.finish, behind, zone: io.zone, waitingSince });
}

/** A device that does not answer takes an I/O at `start`; sd gives it up after its timeout and one retry. */
export function hangOn(leaf: Leaf, io: LeafIo, start: number): void {
  io.channel = 0;
  io.start = start;
  io.finish = start + HANG_NS;
  io.outcome = Outcome.EIO;
  leaf.hung.push(io);
  if (io.purpose === Purpose.USER) account(leaf, io);
}

function account(leaf: Leaf, io: LeafIo): void {
  if (io.start > io.issuedAt) {
    const wait = { from: io.issuedAt, to: io.start, zone: io.zone, room: leaf.room };
    chargeWait(leaf.timeline, io.channel, wait, io.ledger);
  }
  const behind = io.outcome === Outcome.OK ? Behind.ITSELF : Behind.RETRY;
  addToLedger(io.ledger, Place.DEVICE, io.finish - io.start, behind);
}

function serviceNs(leaf: Leaf, io: LeafIo, at: number, depth: number): number {
  const { lba, size: sizeBytes, write, flush } = io;
  const factor = leaf.condition.slowFactor;
  const again = rereads(leaf, io);
  if (leaf.rotating) {
    const access = { head: leaf.head, lba, sizeBytes, at, depth, flush };
    return Math.round(hddServiceNs(leaf.hdd, access) * factor) + again;
  }
  const access = { write, flush, sizeBytes, at, linkFree: leaf.linkFree };
  const service = flashServiceNs(leaf.flash, access, factor);
  leaf.linkFree = Math.max(leaf.linkFree, at + service);
  return service + again;
}

function rereads(leaf: Leaf, io: LeafIo): number {
  if (io.write || !touchesBad(leaf.condition.latent, io.lba, io.size)) return 0;
  return leaf.rotating ? REREAD_NS_ROTATING : REREAD_NS_FLASH;
}

function outcomeOf(leaf: Leaf, io: LeafIo): Outcome {
  const { condition } = leaf;
  if (condition.mode === 'errors') return Outcome.EIO;
  if (io.write) {
    const mended =
      overwrite(condition.latent, io.lba, io.size) + overwrite(condition.corrupt, io.lba, io.size);
    if (io.purpose === Purpose.HEAL) io.ref = mended;
    return Outcome.OK;
  }
  if (touchesBad(condition.latent, io.lba, io.size)) return Outcome.EIO;
  return checked(io) && touchesBad(condition.corrupt, io.lba, io.size) ? Outcome.ECKSUM : Outcome.OK;
}

/** A probe reads a label's pad, which lies outside the blocks of the pool. */
function checked(io: LeafIo): boolean {
  return io.purpose !== Purpose.PROBE && io.purpose !== Purpose.REOPEN;
}
