/** A resilver's I/Os: chunks are read from who has them and written to who lacks them, a few at once, in block order. */
import type { Context } from '@orrery/actor';
import { IoClass } from '../model/io-class.ts';
import { chunkBytes, chunkPlace, IN_FLIGHT, PROGRESS_STEPS } from '../model/resilver.ts';
import { submit, usable } from './queue.ts';
import { Outcome, Purpose, type Leaf, type LeafIo, type PoolState, type Resilver } from './state.ts';
import { parityOf, readable } from './vdevs.ts';

/** An I/O's `ref` is its chunk's number times this, plus how often the chunk was tried. */
const TRIES = 64;

/** How a resilver stands: on its way, with all its data, or without its target. */
export type Progress = 'going' | 'finished' | 'dropped';

export function issueChunks(context: Context, state: PoolState): void {
  const { resilver } = state;
  if (resilver === null) return;
  while (resilver.next < resilver.chunks && resilver.next - resilver.done < IN_FLIGHT) {
    const chunk = resilver.next++;
    readChunk(state, resilver, chunk, [], context.now);
  }
}

/** Reads a chunk from who has it and has not failed to give it; without enough of them it counts as an error. */
function readChunk(
  state: PoolState,
  resilver: Resilver,
  chunk: number,
  failed: readonly number[],
  now: number,
): void {
  const sources = sourcesOf(state, resilver, chunk, failed);
  if (sources.length === 0) {
    resilver.reading.delete(chunk);
    resilver.errors++;
    resilver.done++;
    return;
  }
  resilver.reading.set(chunk, { left: sources.length, failed });
  for (const leaf of sources) send(state, resilver, leaf, chunk * TRIES + failed.length, false, now);
}

function sourcesOf(state: PoolState, resilver: Resilver, chunk: number, failed: readonly number[]): Leaf[] {
  const top = state.tops[resilver.top];
  const target = top.slots[resilver.slot];
  const beside = readable(state, target);
  const replaced = beside !== undefined && !failed.includes(beside.index) ? [beside] : [];
  const others: Leaf[] = [];
  for (const slot of top.slots) {
    const leaf = slot === target ? undefined : readable(state, slot);
    if (leaf !== undefined && !failed.includes(leaf.index)) others.push(leaf);
  }
  if (top.kind.startsWith('raidz')) {
    if (replaced.length > 0) return replaced;
    const columns = top.slots.length - parityOf(top);
    return others.length < columns ? [] : others.slice(0, columns);
  }
  others.push(...replaced);
  return others.length > 0 ? [others[chunk % others.length]] : [];
}

function send(
  state: PoolState,
  resilver: Resilver,
  leaf: Leaf,
  ref: number,
  write: boolean,
  now: number,
): void {
  const chunk = Math.floor(ref / TRIES);
  submit(state, {
    leaf: leaf.index,
    purpose: write ? Purpose.RESILVER_WRITE : Purpose.RESILVER_READ,
    ioClass: IoClass.SCRUB,
    write,
    lba: chunkPlace(chunk, resilver.totalBytes, state.tops[resilver.top].reachBytes),
    size: chunkBytes(chunk, resilver.totalBytes),
    issuedAt: now,
    ref,
  });
}

/** An I/O of the resilver ended: the chunk goes on from its read to its write, or another chunk begins. */
export function resilverIoEnded(context: Context, state: PoolState, io: LeafIo): Progress {
  const { resilver } = state;
  if (resilver === null || io.id < resilver.firstIo) return 'going';
  const chunk = Math.floor(io.ref / TRIES);
  if (io.purpose === Purpose.RESILVER_READ) return readEnded(context, state, resilver, io, chunk);
  if (io.leaf !== resilver.leaf) return 'going';
  if (io.outcome !== Outcome.OK) {
    if (!usable(state.leaves[io.leaf])) return 'dropped';
    resilver.errors++;
  }
  resilver.done++;
  return goFurther(context, state, resilver);
}

function readEnded(
  context: Context,
  state: PoolState,
  resilver: Resilver,
  io: LeafIo,
  chunk: number,
): Progress {
  const read = resilver.reading.get(chunk);
  if (read === undefined || io.ref % TRIES !== read.failed.length) return 'going';
  if (io.outcome !== Outcome.OK) {
    readChunk(state, resilver, chunk, [...read.failed, io.leaf], context.now);
    return goFurther(context, state, resilver);
  }
  if (--read.left > 0) return 'going';
  resilver.reading.delete(chunk);
  mendSources(state, resilver, chunk, read.failed, context.now);
  send(state, resilver, state.leaves[resilver.leaf], chunk * TRIES, true, context.now);
  return 'going';
}

/** Who failed to give its part is written over with what the others made of it. */
function mendSources(
  state: PoolState,
  resilver: Resilver,
  chunk: number,
  failed: readonly number[],
  now: number,
): void {
  for (const leaf of failed) {
    if (!usable(state.leaves[leaf])) continue;
    submit(state, {
      leaf,
      purpose: Purpose.HEAL,
      ioClass: IoClass.ASYNC_WRITE,
      write: true,
      lba: chunkPlace(chunk, resilver.totalBytes, state.tops[resilver.top].reachBytes),
      size: chunkBytes(chunk, resilver.totalBytes),
      issuedAt: now,
    });
  }
}

function goFurther(context: Context, state: PoolState, resilver: Resilver): Progress {
  const step = Math.floor((resilver.done * PROGRESS_STEPS) / Math.max(1, resilver.chunks));
  if (step > resilver.step && resilver.done < resilver.chunks) {
    resilver.step = step;
    context.cause = resilver.cause;
    const doneBytes = Math.floor((resilver.totalBytes * resilver.done) / resilver.chunks);
    const { name: vdev } = state.leaves[resilver.leaf];
    const { totalBytes } = resilver;
    context.emit('resilverProgressed', { pool: state.name, vdev, doneBytes, totalBytes });
  }
  issueChunks(context, state);
  return resilver.done >= resilver.chunks ? 'finished' : 'going';
}
