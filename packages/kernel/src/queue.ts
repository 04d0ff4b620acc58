/**
 * The event queue holds pending events in the one total order; it does not know what they mean.
 *
 * Why.       Every event of a run passes here twice, so no closure and no object is made for an event.
 * Intuition. Events live in the rows (slots) of a table of parallel columns; a 4-ary heap sorts row numbers.
 *            The heap carries each row's time beside it, so that most comparisons touch one array only.
 * Rules.     1. `pop` gives rows in the order of `order.ts`.
 *            2. A cancelled event is gone: `nextTime` and `size` never count it.
 *            3. A popped row's columns can be read until the next `push`; it is already free.
 * State.     Rows are reused last-freed first; a row's generation tells a stale handle from a live one.
 */
const SLOT_SPAN = 16_777_216;
const COMPACT_MIN = 1024;

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
  private generation: Int32Array;
  private heapTime: Float64Array;
  private heapSlot: Int32Array;
  private free: Int32Array;
  private freeCount = 0;
  private used = 0;
  private count = 0;
  private dead = 0;

  /** @param capacity rows to begin with; it doubles when full */
  constructor(capacity = 1024) {
    this.time = new Float64Array(capacity);
    this.step = new Int32Array(capacity);
    this.source = new Float64Array(capacity);
    this.sequence = new Float64Array(capacity);
    this.target = new Float64Array(capacity);
    this.kind = new Int32Array(capacity);
    this.causeActor = new Float64Array(capacity);
    this.causeN = new Float64Array(capacity);
    this.generation = new Int32Array(capacity);
    this.heapTime = new Float64Array(capacity);
    this.heapSlot = new Int32Array(capacity);
    this.free = new Int32Array(capacity);
  }

  /** Live events. */
  get size(): number {
    return this.count - this.dead;
  }

  /** Takes a row for a new event; the caller fills `target`, `kind`, cause, payload and label, then keeps the handle. */
  push(time: number, step: number, source: number, sequence: number): number {
    const slot = this.freeCount > 0 ? this.free[--this.freeCount] : this.takeRow();
    this.time[slot] = time;
    this.step[slot] = step;
    this.source[slot] = source;
    this.sequence[slot] = sequence;
    if (this.count === this.heapSlot.length) this.growHeap();
    this.siftUp(this.count++, time, slot);
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
    this.generation[slot] = (this.generation[slot] + 1) & 0x1fffffff;
    this.kind[slot] = -1;
    this.payload[slot] = undefined;
    this.label[slot] = undefined;
    this.dead++;
    if (this.dead > COMPACT_MIN && this.dead * 2 > this.count) this.compact();
    return true;
  }

  /** Time of the earliest live event in ns, or Infinity. */
  nextTime(): number {
    while (this.count > 0 && this.kind[this.heapSlot[0]] === -1) this.dropDead();
    return this.count > 0 ? this.heapTime[0] : Infinity;
  }

  /** Takes the earliest live event out. @returns its row, or -1 when there is none */
  pop(): number {
    while (this.count > 0) {
      const slot = this.heapSlot[0];
      if (this.kind[slot] === -1) {
        this.dropDead();
        continue;
      }
      this.removeTop();
      this.generation[slot] = (this.generation[slot] + 1) & 0x1fffffff;
      this.free[this.freeCount++] = slot;
      return slot;
    }
    return -1;
  }

  /** Rows of all live events in order; for snapshots. */
  liveSlots(): number[] {
    const slots: number[] = [];
    for (let i = 0; i < this.count; i++) {
      const slot = this.heapSlot[i];
      if (this.kind[slot] !== -1) slots.push(slot);
    }
    return slots.sort((a, b) => this.time[a] - this.time[b] || this.compareTied(a, b));
  }

  private dropDead(): void {
    const slot = this.heapSlot[0];
    this.removeTop();
    this.dead--;
    this.free[this.freeCount++] = slot;
  }

  private removeTop(): void {
    const last = --this.count;
    if (last > 0) this.siftDown(this.heapTime[last], this.heapSlot[last]);
  }

  private compareTied(a: number, b: number): number {
    return (
      this.step[a] - this.step[b] || this.source[a] - this.source[b] || this.sequence[a] - this.sequence[b]
    );
  }

  private siftUp(start: number, time: number, slot: number): void {
    const { heapTime, heapSlot } = this;
    let at = start;
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

  private siftDown(time: number, slot: number): void {
    const { heapTime, heapSlot, count } = this;
    let at = 0;
    for (;;) {
      let child = at * 4 + 1;
      if (child >= count) break;
      const end = child + 4 < count ? child + 4 : count;
      let best = child;
      let bestTime = heapTime[child];
      while (++child < end) {
        const childTime = heapTime[child];
        if (
          childTime < bestTime ||
          (childTime === bestTime && this.compareTied(heapSlot[child], heapSlot[best]) < 0)
        ) {
          best = child;
          bestTime = childTime;
        }
      }
      if (bestTime > time || (bestTime === time && this.compareTied(slot, heapSlot[best]) < 0)) break;
      heapTime[at] = bestTime;
      heapSlot[at] = heapSlot[best];
      at = best;
    }
    heapTime[at] = time;
    heapSlot[at] = slot;
  }

  /** Rebuilds the heap without its dead events. */
  private compact(): void {
    const live: number[] = [];
    for (let i = 0; i < this.count; i++) {
      const slot = this.heapSlot[i];
      if (this.kind[slot] === -1) this.free[this.freeCount++] = slot;
      else live.push(slot);
    }
    this.dead = 0;
    this.count = 0;
    for (const slot of live) this.siftUp(this.count++, this.time[slot], slot);
  }

  private takeRow(): number {
    if (this.used === this.time.length) this.growRows();
    return this.used++;
  }

  private growHeap(): void {
    this.heapTime = widen(this.heapTime, Float64Array);
    this.heapSlot = widen(this.heapSlot, Int32Array);
  }

  private growRows(): void {
    for (const column of ['time', 'source', 'sequence', 'target', 'causeActor', 'causeN'] as const) {
      this[column] = widen(this[column], Float64Array);
    }
    for (const column of ['step', 'kind', 'generation', 'free'] as const) {
      this[column] = widen(this[column], Int32Array);
    }
  }
}

function widen<T extends Float64Array | Int32Array>(old: T, make: new (length: number) => T): T {
  const wider = new make(old.length * 2);
  wider.set(old);
  return wider;
}
