/**
 * The ARC keeps the records that zones use, in a node's memory; it does not decide how long a miss takes.
 *
 * Why.       A database is fast because its working set is here, and slow after a boot because it is not.
 * Intuition. Two lists, what was used once (mru) and what was used again (mfu), and the ghosts of what each has lost. A
 *            miss that finds its ghost says which list is too short; `p` is how much of the cache mru may have.
 * Rules.     1. A record that comes in goes to mru; a hit later than `AGAIN_NS` after its extent came in moves it to mfu.
 *            2. A ghost hit goes to mfu and moves p: up for an mru ghost, down for an mfu one.
 *            3. Size never exceeds the target c; eviction takes from mru while mru holds more than p, else from mfu.
 *            4. Bytes of a list are the resident records of its extents, exactly.
 * Law.       Step of p = ghost bytes × (other ghosts / own ghosts), the ratio held in [1, STEP_MAX]; c/16 <= p <= c − c/16.
 *            c = what zones leave of memory, within [c_min, c_max] of illumos.
 * State.     A dataset's table from its first use until it is destroyed, rolled back, or the kernel goes: a zone that halts
 *            evicts nothing, and loses what it had only to what others read. A bit a record, a list entry an extent, at most
 *            `EXTENTS_MAX` extents a dataset, so that a big working set stays cheap to keep and to copy.
 * Differs.   From arc.c in that order and ghosts are kept by extent (64 neighbours at least): an eviction drops the extent's
 *            resident records together, and the first miss in a ghost extent adapts p for all that it held.
 * Omits.     Metadata apart from data, L2ARC, compression, prefetch; dirty records may be evicted.
 */

export const EXTENTS_MAX = 4096;
/** ns from a first use to a second that counts as one (hz/16): longer makes mfu stricter, 0 makes every re-read frequent. */
const AGAIN_NS = 62_000_000;
const STEP_MAX = 10;
const GIB = 1_073_741_824;
const NONE = -1;

export const ArcList = { out: 0, mru: 1, mfu: 2, mruGhost: 3, mfuGhost: 4 } as const;

export interface ArcDataset {
  slot: number;
  recordBytes: number;
  records: number;
  /** Records an extent, a multiple of 32. */
  perExtent: number;
  bytes: number;
  /** A bit for each record that is here. */
  resident: Uint32Array;
  /** By extent: its list, records it holds (held, for a ghost), when it came in (ns), neighbours in its list. */
  list: Uint8Array;
  count: Uint32Array;
  since: Float64Array;
  before: Int32Array;
  after: Int32Array;
}

interface Ends {
  /** Newest and oldest extent, as slot × EXTENTS_MAX + extent; −1: none. */
  head: number;
  tail: number;
  bytes: number;
}

export interface Arc {
  /** Target size and mru's part of it, bytes. */
  c: number;
  p: number;
  bytes: number;
  lists: Ends[];
  datasets: (ArcDataset | undefined)[];
}

/**
 * The target that memory allows, bytes.
 * @param memoryBytes of the node
 * @param usedBytes resident memory of zones
 */
export function arcTarget(memoryBytes: number, usedBytes: number): number {
  const all = memoryBytes - Math.floor(memoryBytes / 8);
  const most = Math.max(Math.floor(all * 0.75), all - GIB);
  const least = Math.min(GIB, Math.max(Math.floor(all / 32), 64 * 1_048_576));
  return Math.max(least, Math.min(most, all - usedBytes));
}

export function makeArc(c: number): Arc {
  const lists: Ends[] = [];
  for (let i = 0; i <= ArcList.mfuGhost; i++) lists.push({ head: NONE, tail: NONE, bytes: 0 });
  return { c, p: Math.floor(c / 2), bytes: 0, lists, datasets: [] };
}

/** A dataset's empty table, of whole records. */
export function addArcDataset(arc: Arc, records: number, recordBytes: number): ArcDataset {
  const perExtent = 32 * Math.max(2, Math.ceil(records / EXTENTS_MAX / 32));
  const extents = Math.ceil(records / perExtent);
  let slot = arc.datasets.indexOf(undefined);
  if (slot < 0) slot = arc.datasets.length;
  const dataset: ArcDataset = {
    slot,
    recordBytes,
    records,
    perExtent,
    bytes: 0,
    resident: new Uint32Array((extents * perExtent) / 32),
    list: new Uint8Array(extents),
    count: new Uint32Array(extents),
    since: new Float64Array(extents),
    before: new Int32Array(extents).fill(NONE),
    after: new Int32Array(extents).fill(NONE),
  };
  arc.datasets[slot] = dataset;
  return dataset;
}

export function removeArcDataset(arc: Arc, dataset: ArcDataset): void {
  for (let extent = 0; extent < dataset.list.length; extent++) {
    if (dataset.list[extent] === ArcList.out) continue;
    if (dataset.list[extent] <= ArcList.mfu) arc.bytes -= dataset.count[extent] * dataset.recordBytes;
    unlink(arc, dataset, extent);
  }
  arc.datasets[dataset.slot] = undefined;
}

/** Makes as much of the dataset resident as fits, from its start, as if it had been used for long. */
export function warmDataset(arc: Arc, dataset: ArcDataset, now: number): void {
  for (let extent = 0; extent < dataset.list.length; extent++) {
    const first = extent * dataset.perExtent;
    const records = Math.min(dataset.perExtent, dataset.records - first);
    if (arc.bytes + records * dataset.recordBytes > arc.c) return;
    if (dataset.list[extent] !== ArcList.out) continue;
    for (let record = first; record < first + records; record++)
      dataset.resident[record >>> 5] |= 1 << (record & 31);
    dataset.since[extent] = now;
    link(arc, dataset, extent, ArcList.mfu, records);
    grow(arc, dataset, records);
  }
}

/** Whether the record is here; a hit keeps its extent from eviction. */
export function readArc(arc: Arc, dataset: ArcDataset, record: number, now: number): boolean {
  if ((dataset.resident[record >>> 5] & (1 << (record & 31))) === 0) return false;
  const extent = Math.floor(record / dataset.perExtent);
  if (dataset.list[extent] === ArcList.mfu) {
    const list = arc.lists[ArcList.mfu];
    if (list.head !== dataset.slot * EXTENTS_MAX + extent) relink(arc, dataset, extent, ArcList.mfu);
  } else if (now - dataset.since[extent] > AGAIN_NS) {
    relink(arc, dataset, extent, ArcList.mfu);
  }
  return true;
}

/** Takes in a record that was read from disk or written. */
export function fillArc(arc: Arc, dataset: ArcDataset, record: number, now: number): void {
  if (readArc(arc, dataset, record, now)) return;
  const extent = Math.floor(record / dataset.perExtent);
  const list = dataset.list[extent];
  if (list >= ArcList.mruGhost) {
    adapt(arc, list, dataset.count[extent] * dataset.recordBytes);
    unlink(arc, dataset, extent);
    makeRoom(arc, dataset.recordBytes);
    dataset.since[extent] = now;
    link(arc, dataset, extent, ArcList.mfu, 1);
  } else {
    makeRoom(arc, dataset.recordBytes);
    // Making room may have evicted this very extent.
    const present = dataset.list[extent];
    if (present >= ArcList.mruGhost) unlink(arc, dataset, extent);
    if (present === ArcList.mru || present === ArcList.mfu) {
      relink(arc, dataset, extent, present);
      dataset.count[extent]++;
      arc.lists[present].bytes += dataset.recordBytes;
    } else {
      dataset.since[extent] = now;
      link(arc, dataset, extent, ArcList.mru, 1);
    }
  }
  dataset.resident[record >>> 5] |= 1 << (record & 31);
  grow(arc, dataset, 1);
}

/** Changes the target, evicting what is over it. */
export function retargetArc(arc: Arc, c: number): void {
  arc.c = c;
  arc.p = clampP(arc, arc.p);
  makeRoom(arc, 0);
}

function grow(arc: Arc, dataset: ArcDataset, records: number): void {
  arc.bytes += records * dataset.recordBytes;
  dataset.bytes += records * dataset.recordBytes;
}

function adapt(arc: Arc, ghost: number, bytes: number): void {
  const own = arc.lists[ghost].bytes;
  const other = arc.lists[ghost === ArcList.mruGhost ? ArcList.mfuGhost : ArcList.mruGhost].bytes;
  const step = bytes * Math.min(STEP_MAX, Math.max(1, Math.floor(other / Math.max(1, own))));
  arc.p = clampP(arc, ghost === ArcList.mruGhost ? arc.p + step : arc.p - step);
}

function clampP(arc: Arc, p: number): number {
  const edge = Math.floor(arc.c / 16);
  return Math.min(arc.c - edge, Math.max(edge, p));
}

/** Evicts until `bytes` more fit; the oldest ghosts go when ghosts and cache exceed twice c. */
function makeRoom(arc: Arc, bytes: number): void {
  const { lists } = arc;
  while (arc.bytes + bytes > arc.c && arc.bytes > 0) {
    const fromMru = lists[ArcList.mru].tail !== NONE && lists[ArcList.mru].bytes + bytes > arc.p;
    evict(arc, fromMru || lists[ArcList.mfu].tail === NONE ? ArcList.mru : ArcList.mfu);
  }
  while (
    lists[ArcList.mru].bytes + lists[ArcList.mruGhost].bytes > arc.c &&
    lists[ArcList.mruGhost].tail !== NONE
  )
    forget(arc, ArcList.mruGhost);
  while (arc.bytes + lists[ArcList.mruGhost].bytes + lists[ArcList.mfuGhost].bytes > 2 * arc.c) {
    if (lists[ArcList.mfuGhost].tail !== NONE) forget(arc, ArcList.mfuGhost);
    else forget(arc, ArcList.mruGhost);
  }
}

function evict(arc: Arc, list: number): void {
  const reference = arc.lists[list].tail;
  const dataset = arc.datasets[Math.floor(reference / EXTENTS_MAX)]!;
  const extent = reference % EXTENTS_MAX;
  const records = dataset.count[extent];
  grow(arc, dataset, -records);
  dataset.resident.fill(0, (extent * dataset.perExtent) / 32, ((extent + 1) * dataset.perExtent) / 32);
  unlink(arc, dataset, extent);
  link(arc, dataset, extent, list + 2, records);
}

function forget(arc: Arc, list: number): void {
  const reference = arc.lists[list].tail;
  unlink(arc, arc.datasets[Math.floor(reference / EXTENTS_MAX)]!, reference % EXTENTS_MAX);
}

function relink(arc: Arc, dataset: ArcDataset, extent: number, list: number): void {
  const records = dataset.count[extent];
  unlink(arc, dataset, extent);
  link(arc, dataset, extent, list, records);
}

function link(arc: Arc, dataset: ArcDataset, extent: number, list: number, records: number): void {
  const ends = arc.lists[list];
  const reference = dataset.slot * EXTENTS_MAX + extent;
  dataset.list[extent] = list;
  dataset.count[extent] = records;
  dataset.before[extent] = NONE;
  dataset.after[extent] = ends.head;
  if (ends.head === NONE) ends.tail = reference;
  else arc.datasets[Math.floor(ends.head / EXTENTS_MAX)]!.before[ends.head % EXTENTS_MAX] = reference;
  ends.head = reference;
  ends.bytes += records * dataset.recordBytes;
}

function unlink(arc: Arc, dataset: ArcDataset, extent: number): void {
  const ends = arc.lists[dataset.list[extent]];
  const before = dataset.before[extent];
  const after = dataset.after[extent];
  if (before === NONE) ends.head = after;
  else arc.datasets[Math.floor(before / EXTENTS_MAX)]!.after[before % EXTENTS_MAX] = after;
  if (after === NONE) ends.tail = before;
  else arc.datasets[Math.floor(after / EXTENTS_MAX)]!.before[after % EXTENTS_MAX] = before;
  ends.bytes -= dataset.count[extent] * dataset.recordBytes;
  dataset.list[extent] = ArcList.out;
  dataset.count[extent] = 0;
}
