/**
 * The event queue holds pending events in the one total order; it does not know what they mean.
 *
 * Why.       Every event of a run passes here twice, so no closure and no object is made for an event, and the work
 *            for one must not grow with the number that wait.
 * Intuition. Events are rows (slots) of a table of parallel columns. A row waits in one of three places: `far` (an unsorted
 *            chain), a bucket of the calendar (an unsorted chain for a stretch of time), or the small heap of what is due
 *            next. Each row moves from left to right once, in bulk, when what is before it has been popped.
 * Rules.     1. `pop` gives rows in the order of `order.ts`.
 *            2. A cancelled event is gone: `nextTime` and `size` never count it.
 *            3. A popped row's columns can be read until the next `push`; it is already free.
 * Law.       A bucket's width is a power of two, so that a row's bucket is exact; the calendar covers what three in four
 *            rows of `far` need, so that a few late ones do not make it coarse.
 * State.     Rows are reused last-freed first; a row's generation tells a stale handle from a live one.
 */
const SLOT_SPAN = 16_777_216;
const GENERATION_MASK = 0x1fffffff;
const COMPACT_MIN = 1024;
const BUCKETS_MAX = 65_536;
/** Rows a bucket should hold: fewer wastes empty buckets, more makes the heap deep. */
const BUCKET_ROWS = 4;
const SAMPLE = 64;
const FREE = 0;
const LIVE = 1;
const DEAD = 2;

export class EventQueue {
  time: Float64Array;
  step: Int32Array;
  source: Float64Array;
  sequence: Float64Array;
  target: Float64Array;
  kind: Int32Array;
  causeActor: Float64Array;
  causeN: Float64Array;
  payload: unknown[] = [];
  label: (string | undefined)[] = [];
  private state: Int32Array;
  private generation: Int32Array;
  private next: Int32Array;
  private free: Int32Array;
  private freeCount = 0;
  private used = 0;
  private live = 0;
  private dead = 0;
  private heapTime = new Float64Array(64);
  private heapSlot = new Int32Array(64);
  private heapCount = 0;
  private buckets = new Int32Array(0);
  private bucketAt = 0;
  private base = 0;
  private width = 1;
  /** Rows due before it are in the heap. */
  private horizon = 0;
  /** Rows due at or after it are in `far`. */
  private calendarEnd = 0;
  private far = -1;
  private farCount = 0;

  /** @param capacity rows to begin with; it doubles when full */
  constructor(capacity = 256) {
    this.time = new Float64Array(capacity);
    this.step = new Int32Array(capacity);
    this.source = new Float64Array(capacity);
    this.sequence = new Float64Array(capacity);
    this.target = new Float64Array(capacity);
    this.kind = new Int32Array(capacity);
    this.causeActor = new Float64Array(capacity);
    this.causeN = new Float64Array(capacity);
    this.state = new Int32Array(capacity);
    this.generation = new Int32Array(capacity);
    this.next = new Int32Array(capacity);
    this.free = new Int32Array(capacity);
  }

  /** Live events. */
  get size(): number {
    return this.live;
  }

  /** Takes a row for a new event; the caller fills `target`, `kind`, cause, payload and label. @returns the row */
  push(time: number, step: number, source: number, sequence: number): number {
    const slot = this.freeCount > 0 ? this.free[--this.freeCount] : this.takeRow();
    this.time[slot] = time;
    this.step[slot] = step;
    this.source[slot] = source;
    this.sequence[slot] = sequence;
    this.state[slot] = LIVE;
    this.live++;
    this.place(time, slot);
    return slot;
  }

  /** Handle of the event now in `slot`, for `cancel`. */
  handleOf(slot: number): number {
    return this.generation[slot] * SLOT_SPAN + slot;
  }

  /** Row of a handle, or -1 when that event was popped or cancelled. */
  slotOf(handle: number): number {
    const slot = handle % SLOT_SPAN;
    return this.generation[slot] === (handle - slot) / SLOT_SPAN && this.state[slot] === LIVE ? slot : -1;
  }

  /** Takes an event out. @returns false when it was already popped or cancelled */
  cancel(handle: number): boolean {
    const slot = this.slotOf(handle);
    if (slot < 0) return false;
    this.generation[slot] = (this.generation[slot] + 1) & GENERATION_MASK;
    this.state[slot] = DEAD;
    this.payload[slot] = undefined;
    this.label[slot] = undefined;
    this.live--;
    this.dead++;
    if (this.dead > COMPACT_MIN && this.dead > this.live) this.compact();
    return true;
  }

  /** Time of the earliest live event in ns, or Infinity. */
  nextTime(): number {
    return this.findTop() ? this.heapTime[0] : Infinity;
  }

  /** Takes the earliest live event out. @returns its row, or -1 when there is none */
  pop(): number {
    if (!this.findTop()) return -1;
    const slot = this.heapSlot[0];
    this.removeTop();
    this.generation[slot] = (this.generation[slot] + 1) & GENERATION_MASK;
    this.live--;
    this.release(slot);
    return slot;
  }

  /** Rows of all live events in order; for snapshots. */
  liveSlots(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.used; slot++) if (this.state[slot] === LIVE) slots.push(slot);
    return slots.sort((a, b) => this.time[a] - this.time[b] || this.compareTied(a, b));
  }

  /** Brings a live row to the top of the heap. @returns false when no event is left */
  private findTop(): boolean {
    for (;;) {
      while (this.heapCount > 0) {
        const slot = this.heapSlot[0];
        if (this.state[slot] === LIVE) return true;
        this.removeTop();
        this.dead--;
        this.release(slot);
      }
      if (this.live === 0 || !this.advance()) return false;
    }
  }

  /** Moves the next bucket with rows into the heap, making a new calendar of `far` when the old one is used up. */
  private advance(): boolean {
    if (this.horizon >= this.calendarEnd && !this.rebase()) return false;
    while (this.horizon < this.calendarEnd) {
      const first = this.buckets[this.bucketAt];
      this.buckets[this.bucketAt++] = -1;
      this.horizon += this.width;
      if (first === -1) continue;
      for (let slot = first; slot !== -1;) {
        const following = this.next[slot];
        this.toHeap(this.time[slot], slot);
        slot = following;
      }
      return true;
    }
    return this.farCount > 0;
  }

  private rebase(): boolean {
    if (this.farCount === 0) return false;
    const sample: number[] = [];
    const stride = Math.ceil(this.farCount / SAMPLE);
    let first = Infinity;
    let at = 0;
    for (let slot = this.far; slot !== -1; slot = this.next[slot], at++) {
      if (this.time[slot] < first) first = this.time[slot];
      if (at % stride === 0) sample.push(this.time[slot]);
    }
    sample.sort((a, b) => a - b);
    const span = sample[Math.floor(sample.length * 0.75)] - first + 1;
    let count = SAMPLE;
    while (count * BUCKET_ROWS < this.farCount && count < BUCKETS_MAX) count *= 2;
    this.width = 1;
    while (this.width * count < span) this.width *= 2;
    if (this.buckets.length !== count) this.buckets = new Int32Array(count).fill(-1);
    this.base = Math.floor(first / this.width) * this.width;
    this.bucketAt = 0;
    this.horizon = this.base;
    this.calendarEnd = this.base + this.width * count;
    let slot = this.far;
    this.far = -1;
    this.farCount = 0;
    while (slot !== -1) {
      const following = this.next[slot];
      this.place(this.time[slot], slot);
      slot = following;
    }
    return true;
  }

  private place(time: number, slot: number): void {
    if (time < this.horizon) {
      this.toHeap(time, slot);
    } else if (time < this.calendarEnd) {
      const bucket = Math.floor((time - this.base) / this.width);
      this.next[slot] = this.buckets[bucket];
      this.buckets[bucket] = slot;
    } else {
      this.next[slot] = this.far;
      this.far = slot;
      this.farCount++;
    }
  }

  private toHeap(time: number, slot: number): void {
    if (this.heapCount === this.heapSlot.length) {
      this.heapTime = widen(this.heapTime, Float64Array);
      this.heapSlot = widen(this.heapSlot, Int32Array);
    }
    const { heapTime, heapSlot } = this;
    let at = this.heapCount++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = heapTime[parent];
      if (parentTime < time || (parentTime === time && this.compareTied(heapSlot[parent], slot) < 0)) break;
      heapTime[at] = parentTime;
      heapSlot[at] = heapSlot[parent];
      at = parent;
    }
    heapTime[at] = time;
    heapSlot[at] = slot;
  }

  private removeTop(): void {
    const count = --this.heapCount;
    if (count === 0) return;
    const { heapTime, heapSlot } = this;
    const time = heapTime[count];
    const slot = heapSlot[count];
    let at = 0;
    for (let child = 1; child < count; child = at * 4 + 1) {
      const end = Math.min(child + 4, count);
      let best = child;
      let bestTime = heapTime[child];
      while (++child < end) {
        const childTime = heapTime[child];
        if (childTime > bestTime) continue;
        if (childTime === bestTime && this.compareTied(heapSlot[child], heapSlot[best]) > 0) continue;
        best = child;
        bestTime = childTime;
      }
      if (bestTime > time || (bestTime === time && this.compareTied(slot, heapSlot[best]) < 0)) break;
      heapTime[at] = bestTime;
      heapSlot[at] = heapSlot[best];
      at = best;
    }
    heapTime[at] = time;
    heapSlot[at] = slot;
  }

  private compareTied(a: number, b: number): number {
    return (
      this.step[a] - this.step[b] || this.source[a] - this.source[b] || this.sequence[a] - this.sequence[b]
    );
  }

  private release(slot: number): void {
    this.state[slot] = FREE;
    this.free[this.freeCount++] = slot;
  }

  /** Puts every live row back into `far` and frees the dead ones. */
  private compact(): void {
    this.heapCount = 0;
    this.buckets.fill(-1);
    this.horizon = 0;
    this.calendarEnd = 0;
    this.far = -1;
    this.farCount = 0;
    this.dead = 0;
    for (let slot = 0; slot < this.used; slot++) {
      if (this.state[slot] === LIVE) this.place(this.time[slot], slot);
      else if (this.state[slot] === DEAD) this.release(slot);
    }
  }

  private takeRow(): number {
    if (this.used === this.time.length) this.growRows();
    return this.used++;
  }

  private growRows(): void {
    for (const column of ['time', 'source', 'sequence', 'target', 'causeActor', 'causeN'] as const) {
      this[column] = widen(this[column], Float64Array);
    }
    for (const column of ['step', 'kind', 'state', 'generation', 'next', 'free'] as const) {
      this[column] = widen(this[column], Int32Array);
    }
  }
}

function widen<T extends Float64Array | Int32Array>(old: T, make: new (length: number) => T): T {
  const wider = new make(old.length * 2);
  wider.set(old);
  return wider;
}
