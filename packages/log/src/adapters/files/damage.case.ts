/** Wounds for logs: bits turned, files cut, zeroed, deleted and swapped, as a seed has it. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An integer from 0 up to, not including, `below`. */
export type Draw = (below: number) => number;

/** Numbers that follow from a seed alone (xorshift32). */
export function drawsOf(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The files of a log's folder, in order of their names. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder).sort();
}

function rewrite(path: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): void {
  writeFileSync(path, change(new Uint8Array(readFileSync(path))));
}

/** Wounds a copy of the log and says how. Bytes are hit in proportion to file sizes, like a bad sector would. */
export function wound(folder: string, draw: Draw): string {
  const files = filesOf(folder);
  const sizes = files.map((file) => statSync(join(folder, file)).size);
  let at = draw(sizes.reduce((sum, size) => sum + size, 0));
  let index = 0;
  while (at >= sizes[index]) at -= sizes[index++];
  const file = files[index];
  const path = join(folder, file);
  const kind = ['flip', 'truncate', 'truncate the last', 'zero', 'delete', 'swap'][draw(6)];
  if (kind === 'flip') {
    rewrite(path, (bytes) => {
      bytes[at] ^= 1 << draw(8);
      return bytes;
    });
  } else if (kind === 'truncate') {
    rewrite(path, (bytes) => bytes.slice(0, at));
  } else if (kind === 'truncate the last') {
    const last = files.findLast((name) => name.startsWith('segment-')) ?? file;
    rewrite(join(folder, last), (bytes) => bytes.slice(0, draw(bytes.length)));
  } else if (kind === 'zero') {
    const length = 1 + draw(3000);
    rewrite(path, (bytes) => bytes.fill(0, at, at + length));
  } else if (kind === 'delete') {
    rmSync(join(folder, files[draw(files.length)]));
  } else {
    const segments = files.filter((name) => name.startsWith('segment-'));
    const other = segments[draw(segments.length)];
    const one = segments[draw(segments.length)];
    renameSync(join(folder, one), join(folder, 'aside'));
    if (one !== other) renameSync(join(folder, other), join(folder, one));
    renameSync(join(folder, 'aside'), join(folder, other));
  }
  return `${kind} ${file} at ${at}`;
}
