/**
 * A case's UUID is a keyed hash of its node and its number there; it is not drawn.
 *
 * Why.   fmd draws a random UUID. Here the same run must name a case the same, and a draw would move other draws.
 * Law.   Four 32-bit words, word i = keyedHash(node, number, i), marked as version 4 so that every tool takes it.
 * Omits. Unlike a real UUID it is the same in two runs of one datacenter, whatever their seeds.
 */
import { keyedHash } from '@orrery/kernel';

const KEY = 0x666d64;

/** @returns 36 characters */
export function caseUuid(node: string, number: number): string {
  let hex = '';
  for (let word = 0; word < 4; word++) {
    hex += keyedHash(KEY, node, number, word).toString(16).padStart(8, '0');
  }
  const variant = '89ab'[parseInt(hex[16], 16) & 3];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
