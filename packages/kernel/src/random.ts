/**
 * A named stream of chance: plain data, drawn by one actor only, so that a draw added in one place moves
 * nothing elsewhere. The bits are pure-rand's xoroshiro128+.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { hash64 } from './hash.ts';

const TWO_53 = 0x20000000000000;

/** Four 32-bit integers, replaced at every draw: copying them copies the stream's future. */
export interface Stream {
  state: readonly number[];
}

/** The stream of a run's seed and a name, an owner's address and a purpose: `cn-0003/disk/c0t2d0:faults`. */
export function makeStream(seed: number, name: string): Stream {
  const [a, b] = hash64(`first:${seed}:${name}`);
  const [c, d] = hash64(`second:${seed}:${name}`);
  return { state: [a, b, c, d === 0 ? 1 : d] };
}

/** The next 32 random bits, as an integer in [0, 2^32). */
export function next32(stream: Stream): number {
  const generator = xoroshiro128plusFromState(stream.state);
  const bits = generator.next();
  stream.state = generator.getState();
  return bits >>> 0;
}

/** The next 53 random bits, as an integer; both words' lowest bits, the generator's weakest, are left out. */
function next53(stream: Stream): number {
  const high = next32(stream) >>> 5;
  return high * 0x4000000 + (next32(stream) >>> 6);
}

/** A number in [0, 1), a multiple of 2^-53. */
export function uniform(stream: Stream): number {
  return next53(stream) / TWO_53;
}

/** An integer in [0, n), each equally likely, for an integer n in [1, 2^53]. */
export function uniformInt(stream: Stream, n: number): number {
  if (!(n >= 1 && n <= TWO_53)) throw new RangeError(`no integer in [0, ${n})`);
  const width = Math.floor(TWO_53 / n);
  let drawn = n;
  while (drawn >= n) drawn = Math.floor(next53(stream) / width);
  return drawn;
}
