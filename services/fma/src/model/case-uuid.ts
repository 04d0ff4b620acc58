/** The UUID of a case: a hash of its node and number, so that the same run names it the same. */
import { keyedHash } from '@orrery/kernel';

const KEY = 0x666d64;

/** @returns 36 characters, marked as version 4 so that every tool takes it */
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
