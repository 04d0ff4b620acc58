/** Ids of traces and spans: hashes of the run and a key, so that the same run has the same ids. */
import { keyedHash } from '@orrery/kernel';

/** What makes ids of one run differ from another's. */
export interface RunIdentity {
  /** Name of the scenario or datacenter. */
  run: string;
  seed: number;
}

function hex8(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** @returns 32 hexadecimal digits, never all zero */
export function traceIdOf({ run, seed }: RunIdentity, kind: string, key: number | string): string {
  let id = '';
  for (let word = 0; word < 4; word++) id += hex8(keyedHash(seed, run, 'trace', kind, key, word));
  return id === '0'.repeat(32) ? '0'.repeat(31) + '1' : id;
}

/** @returns 16 hexadecimal digits, never all zero */
export function spanIdOf({ run, seed }: RunIdentity, kind: string, key: number | string): string {
  const id =
    hex8(keyedHash(seed, run, 'span', kind, key, 0)) + hex8(keyedHash(seed, run, 'span', kind, key, 1));
  return id === '0'.repeat(16) ? '0'.repeat(15) + '1' : id;
}
