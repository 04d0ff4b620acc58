/**
 * The event queue holds pending events in the one total order; it does not know what they mean.
 *
 * Why.       Each event passes here twice: no closure and no object is made for it, and many that wait must not slow one.
 * Intuition. Events are rows (slots) of a table of parallel columns. A row waits in the last bucket (far: whatever comes
 *            after the calendar), in a bucket of the calendar (an unsorted chain for a stretch of time), or in the small heap
 *            of what is due next. It moves from left to right once, in bulk, when what is before it has been popped.
 * Rules.     1. `pop` gives rows in the order of `order.ts`.
 *            2. A cancelled event is gone: `nextTime` and `size` never count it.
 *            3. A popped row's columns can be read until the next `push`; it is already free.
 * Law.       A bucket's width is a power of two, so that a row's bucket is exact; the calendar covers what three in four
 *            far rows need, so that a few late ones do not make it coarse.
 * State.     Rows are reused last-freed first; a row's generation tells a stale handle from a live one.
 */
const SLOT_SPAN = 16_777_216;
const GENERATION_MASK = 0x1fffffff;
const COMPACT_MIN = 1024;
const BUCKETS_MAX = 65_536;
/** Rows a bucket should hold: fewer wastes empty buckets, more makes the heap deep. */
const BUCKET_ROWS = 4;
const SAMPLE = 64;
/** Row 0 holds no event: it ends every chain. */
const NONE = 0;

export class EventQueue {
  time = new Float64Array(1);
  step = new Int32Array(1);
  source = new Float64Array(1);
  sequence = new Float64Array(1);
  target = new Float64Array(1);
  kind = new Int32Array(1);
  causeActor = new Float64Array(1);
  causeN = new Float64Array(1);
  payload: unknown[] = [];
  label: (string | undefined)[] = [];
  /** Live events. */
  size = 0;
  /** Odd while the row's event is live. */
  private generation = new Int32Array(1);
  /** The row after this one in its chain: of `free` or of a bucket. */
  private next = new Int32Array(1);
  private free = NONE;
  private dead = 0;
  private heapTime = new Float64Array(1);
  private heapSlot = new Int32Array(1);
  private heapCount = 0;
  private buckets = new Int32Array(1);
  private base = 0;
  private width = 1;
  /** Rows due before it are in the heap. */
  private horizon = 0;
  /** Rows due at or after it are in the last bucket. */
  private calendarEnd = 0;

  /** Takes a row for a new event; the caller fills `target`, `kind`, cause, payload and label. @returns the row */
  push(time: number, step: number, source: number, sequence: number): number {
    if (this.free === NONE) this.growRows();
    const slot = this.free;
    this.free = this.next[slot];
    this.time[slot] = time;
    this.step[slot] = step;
    this.source[slot] = source;
    this.sequence[slot] = sequence;
    this.generation[slot]++;
    this.size++;
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
    return this.generation[slot] === (handle - slot) / SLOT_SPAN ? slot : -1;
  }

  /** Takes an event out. @returns false when it was already popped or cancelled */
  cancel(handle: number): boolean {
    const slot = this.slotOf(handle);
    if (slot < 0) return false;
    this.retire(slot);
    this.payload[slot] = undefined;
    this.label[slot] = undefined;
    this.dead++;
    if (this.dead > COMPACT_MIN && this.dead > this.size) this.compact();
    return true;
  }

  /** Time of the earliest live event in ns, or Infinity. */
  nextTime(): number {
    return this.findTop() ? this.heapTime[0] : Infinity;
  }

  /** Takes the earliest live event out. @returns its row, or -1 when there is none */
  pop(): number {
    if (!this.findTop()) return -1;
    const slot = this.removeTop();
    this.retire(slot);
    this.chainFree(slot);
    return slot;
  }

  /** Rows of all live events in order; for snapshots. */
  liveSlots(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.time.length; slot++) if (this.generation[slot] & 1) slots.push(slot);
    return slots.sort((a, b) => this.time[a] - this.time[b] || this.compareTied(a, b));
  }

  /** Brings a live row to the top of the heap. @returns false when no event is left */
  private findTop(): boolean {
    for (;;) {
      while (this.heapCount > 0) {
        if (this.generation[this.heapSlot[0]] & 1) return true;
        this.dead--;
        this.chainFree(this.removeTop());
      }
      if (this.size === 0) return false;
      this.advance();
    }
  }

  /** Moves the next bucket with rows into the heap, making a new calendar of what is far when the old one is used up. */
  private advance(): void {
    if (this.horizon >= this.calendarEnd) this.rebase();
    while (this.heapCount === 0 && this.horizon < this.calendarEnd) {
      const bucket = (this.horizon - this.base) / this.width;
      const first = this.buckets[bucket];
      this.buckets[bucket] = NONE;
      this.horizon += this.width;
      this.placeChain(first);
    }
  }

  private rebase(): void {
    const far = this.buckets[this.buckets.length - 1];
    const rows = this.size + this.dead;
    const stride = Math.ceil(rows / SAMPLE);
    const sample: number[] = [];
    let first = Infinity;
    let at = 0;
    for (let slot = far; slot !== NONE; slot = this.next[slot], at++) {
      if (this.time[slot] < first) first = this.time[slot];
      if (at % stride === 0) sample.push(this.time[slot]);
    }
    sample.sort((a, b) => a - b);
    const span = sample[Math.floor(sample.length * 0.75)] - first + 1;
    let count = SAMPLE;
    while (count * BUCKET_ROWS < rows && count < BUCKETS_MAX) count *= 2;
    this.width = 1;
    while (this.width * count < span) this.width *= 2;
    if (this.buckets.length !== count + 1) this.buckets = new Int32Array(count + 1);
    this.buckets[count] = NONE;
    this.base = Math.floor(first / this.width) * this.width;
    this.horizon = this.base;
    this.calendarEnd = this.base + this.width * count;
    this.placeChain(far);
  }

  private placeChain(first: number): void {
    for (let slot = first; slot !== NONE;) {
      const following = this.next[slot];
      this.place(this.time[slot], slot);
      slot = following;
    }
  }

  private place(time: number, slot: number): void {
    if (time < this.horizon) return this.toHeap(time, slot);
    const { buckets, base, width } = this;
    const bucket = time < this.calendarEnd ? Math.floor((time - base) / width) : buckets.length - 1;
    this.next[slot] = buckets[bucket];
    buckets[bucket] = slot;
  }

  private toHeap(time: number, slot: number): void {
    let at = this.heapCount++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (this.isBefore(parent, time, slot)) break;
      this.heapTime[at] = this.heapTime[parent];
      this.heapSlot[at] = this.heapSlot[parent];
      at = parent;
    }
    this.heapTime[at] = time;
    this.heapSlot[at] = slot;
  }

  private removeTop(): number {
    const { heapTime, heapSlot } = this;
    const top = heapSlot[0];
    const count = --this.heapCount;
    let at = 0;
    for (let child = 1; child < count; child = at * 4 + 1) {
      const end = Math.min(child + 4, count);
      let best = child;
      while (++child < end) if (this.isBefore(child, heapTime[best], heapSlot[best])) best = child;
      if (!this.isBefore(best, heapTime[count], heapSlot[count])) break;
      heapTime[at] = heapTime[best];
      heapSlot[at] = heapSlot[best];
      at = best;
    }
    heapTime[at] = heapTime[count];
    heapSlot[at] = heapSlot[count];
    return top;
  }

  /** Whether what is at `at` in the heap comes before a row. */
  private isBefore(at: number, time: number, slot: number): boolean {
    const atTime = this.heapTime[at];
    return atTime < time || (atTime === time && this.compareTied(this.heapSlot[at], slot) < 0);
  }

  private compareTied(a: number, b: number): number {
    const { step, source, sequence } = this;
    return step[a] - step[b] || source[a] - source[b] || sequence[a] - sequence[b];
  }

  /** Ends the event in `slot`: its handles are stale from here on. */
  private retire(slot: number): void {
    this.generation[slot] = (this.generation[slot] + 1) & GENERATION_MASK;
    this.size--;
  }

  private chainFree(slot: number): void {
    this.next[slot] = this.free;
    this.free = slot;
  }

  /** Makes every live row a far one and frees the dead ones. */
  private compact(): void {
    this.heapCount = this.horizon = this.calendarEnd = this.dead = 0;
    this.free = NONE;
    this.buckets.fill(NONE);
    for (let slot = 0; slot < this.time.length; slot++) {
      if (this.generation[slot] & 1) this.place(this.time[slot], slot);
      else this.chainFree(slot);
    }
  }

  private growRows(): void {
    const count = this.time.length;
    const floats = ['time', 'source', 'sequence', 'target', 'causeActor', 'causeN', 'heapTime'] as const;
    for (const column of floats) this[column] = widen(this[column], Float64Array);
    const integers = ['step', 'kind', 'generation', 'next', 'heapSlot'] as const;
    for (const column of integers) this[column] = widen(this[column], Int32Array);
    for (let slot = 2 * count - 1; slot >= count; slot--) this.chainFree(slot);
  }
}

function widen<T extends Float64Array | Int32Array>(old: T, make: new (length: number) => T): T {
  const wider = new make(old.length * 2);
  wider.set(old);
  return wider;
}
