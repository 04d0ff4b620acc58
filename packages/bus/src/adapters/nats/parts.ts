/** Parts of a message that exceeds the broker's payload limit. */
import type { MessagePart } from '@orrery/proto';
import { BusError } from '../../errors.ts';

/** Room for the envelope around a part, its id and the headers, bytes. */
const OVERHEAD_BYTES = 4096;
/** Messages of which parts are still missing that a receiver keeps; a poll brings back what it let go. */
const OPEN_MAX = 64;
/** More parts than any message has: a number beyond it is not a message of ours. */
const PARTS_MAX = 65_536;

/** Splits a message's bytes. @param limit the broker's largest payload, bytes */
export function splitParts(id: string, bytes: Uint8Array, limit: number): MessagePart[] {
  const size = limit - OVERHEAD_BYTES;
  const parts = Math.ceil(bytes.length / size);
  return Array.from({ length: parts }, (_, part) => ({
    id,
    part,
    parts,
    bytes: bytes.subarray(part * size, (part + 1) * size),
  }));
}

/** Collects parts, in any order and any number of times. */
export class PartCollector {
  private readonly open = new Map<string, (Uint8Array | undefined)[]>();

  /** @returns the whole message once its last part is here @throws BusError on what is no part of the message */
  add({ id, part, parts, bytes }: MessagePart): Uint8Array | undefined {
    let collected = this.open.get(id);
    if (!(part < parts && parts <= PARTS_MAX && (collected?.length ?? parts) === parts))
      throw new BusError('ORRERY_BUS_MALFORMED', `part ${part} of ${parts} of '${id}'`);
    if (collected === undefined) {
      collected = Array.from({ length: parts }, () => undefined);
      this.open.set(id, collected);
      for (const oldest of this.open.keys()) {
        if (this.open.size <= OPEN_MAX) break;
        this.open.delete(oldest);
      }
    }
    collected[part] = bytes;
    if (collected.includes(undefined)) return undefined;
    this.open.delete(id);
    return joined(collected as Uint8Array[]);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
