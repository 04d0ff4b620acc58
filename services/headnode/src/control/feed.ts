/**
 * The feed gives a run's facts to those who follow it, from any past point on; it waits for none of them.
 *
 * Why.       A thousand followers must cost the run next to nothing, and a slow one must neither hold it up nor lose anything.
 * Intuition. The log is the buffer. The feed keeps its last pages in memory; whoever is further behind reads from the log
 *            itself, and pages read for one are there for the next.
 * Rules.     1. A follower is a place and nothing else: what it has not read costs no memory.
 *            2. Facts are given in the log's order, each once.
 *            3. A fact is given only when it is written.
 * State.     An entry of the index a page; the last pages, least recently used first.
 */
import type { Batch, Cursor, FactRecord } from '@orrery/proto';
import { addToPage, encodedFact, newPage, seek, type Page } from './page.ts';

/** Where pages come from that are no longer in memory. */
export interface FactHistory {
  /** Batches after number `sequence` that are written now, in order. */
  batches(afterSequence: number): Iterable<Batch>;
}

export interface FeedOptions {
  history: FactHistory;
  controlWindowNs: number;
  addressOf: (actor: number) => string;
  /** Facts of a page: larger ones take longer to read back, smaller ones make a longer index. Default 1,024. */
  pageFacts?: number;
  /** Pages in memory. Fewer: more reading of the log by those behind; more: memory, about 0.7 MB each. Default 48. */
  pagesKept?: number;
}

/** Where a follower is. */
export interface Follower {
  page: number;
  index: number;
}

/** What a follower wants of the facts that it passes. */
export type Wanted = (fact: FactRecord) => boolean;

/** Some facts for a follower: pieces of a FollowedBatch, to be put one after another. */
export interface Portion {
  pieces: Uint8Array[];
  /** Whether there may be more at once. */
  more: boolean;
}

/** Place of a page in the log: after which batch and cursor it begins. */
interface PageStart {
  after: number;
  cursor: Cursor;
}

// Facts looked at in one go. More: a turn of a follower that wants little takes long; fewer: more turns.
const LOOKS_MAX = 4096;

export class FactFeed {
  private readonly options: FeedOptions;
  private readonly starts: PageStart[] = [];
  private readonly pages = new Map<number, Page>();
  private readonly end: Cursor = { boundary: 0, order: 0 };
  private open: Page = newPage();
  private lastSequence = 0;
  private waiting: (() => void)[] = [];
  /** Pages that had to be read back from the log. */
  readBack = 0;
  /** Every fact of an earlier time is here, ns. */
  upTo = 0;

  constructor(options: FeedOptions) {
    this.options = options;
    this.begin(0);
  }

  /** Takes the next batch of the log. A batch it has already is passed over. */
  append(batch: Batch): void {
    if (batch.sequence <= this.lastSequence) return;
    if (batch.sequence !== this.lastSequence + 1)
      throw new RangeError(`batch ${batch.sequence} follows batch ${this.lastSequence}`);
    if (this.open.facts.length >= (this.options.pageFacts ?? 1024)) this.begin(this.lastSequence);
    for (const fact of batch.facts) addToPage(this.open, fact, this.end, this.options.controlWindowNs);
    this.lastSequence = batch.sequence;
    this.upTo = batch.toTime;
    const { waiting } = this;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  /** The cursor after the last fact. */
  now(): Cursor {
    return { ...this.end };
  }

  /** A follower that begins after `cursor`. */
  follow(cursor: Cursor): Follower {
    const page = this.starts.findLastIndex(({ cursor: start }) => !later(start, cursor));
    const number = Math.max(0, page);
    return { page: number, index: seek(this.page(number), cursor, this.options.controlWindowNs) };
  }

  /** Calls `wake` once, when there is more. */
  whenMore(wake: () => void): void {
    this.waiting.push(wake);
  }

  /** Reads on, up to `bytesMax` of facts that are wanted. Moves the follower. */
  read(follower: Follower, wanted: Wanted, bytesMax: number): Portion {
    const { addressOf, controlWindowNs } = this.options;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (let looks = 0; looks < LOOKS_MAX && bytes < bytesMax; looks++) {
      let page = this.page(follower.page);
      while (follower.index >= page.facts.length && follower.page < this.starts.length - 1) {
        follower.page++;
        follower.index = 0;
        page = this.page(follower.page);
      }
      const fact = page.facts[follower.index];
      if (fact === undefined) return { pieces, more: false };
      if (wanted(fact)) {
        const piece = encodedFact(page, follower.index, addressOf, controlWindowNs);
        bytes += piece.length;
        pieces.push(piece);
      }
      follower.index++;
    }
    return { pieces, more: true };
  }

  private begin(after: number): void {
    this.open = newPage();
    this.starts.push({ after, cursor: { ...this.end } });
    this.keep(this.starts.length - 1, this.open);
  }

  private page(number: number): Page {
    if (number === this.starts.length - 1) return this.open;
    const kept = this.pages.get(number);
    if (kept === undefined) return this.readPage(number);
    this.pages.delete(number);
    this.pages.set(number, kept);
    return kept;
  }

  private readPage(number: number): Page {
    this.readBack++;
    const { after, cursor } = this.starts[number] as PageStart;
    const last = (this.starts[number + 1] as PageStart).after;
    const page = newPage();
    const at = { ...cursor };
    for (const batch of this.options.history.batches(after)) {
      if (batch.sequence > last) break;
      for (const fact of batch.facts) addToPage(page, fact, at, this.options.controlWindowNs);
    }
    this.keep(number, page);
    return page;
  }

  private keep(number: number, page: Page): void {
    this.pages.set(number, page);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= (this.options.pagesKept ?? 48)) return;
      this.pages.delete(oldest);
    }
  }
}

function later(a: Cursor, b: Cursor): boolean {
  return a.boundary > b.boundary || (a.boundary === b.boundary && a.order > b.order);
}
