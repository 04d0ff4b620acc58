/**
 * Deadlines are waits that mostly end before their time: a heap of (time, number), of which only the first needs a timer.
 *
 * Why.       A timer set and cancelled for every call costs more than the call.
 * Rules.     1. What has ended stays in the heap until its time or until it is first; its owner says whether it lives.
 *            2. Equal times come out in the order in which they went in.
 */

export interface Deadlines {
  at: number[];
  id: number[];
}

/** Whatever knows which ids still wait. */
interface Living {
  has(id: number): boolean;
}

export function makeDeadlines(): Deadlines {
  return { at: [], id: [] };
}

/** @param id larger than every id added before it */
export function addDeadline(deadlines: Deadlines, at: number, id: number): void {
  let index = deadlines.at.push(at) - 1;
  deadlines.id.push(id);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!sooner(deadlines, index, parent)) return;
    swap(deadlines, index, parent);
    index = parent;
  }
}

/** Takes out one living id that is due; −1: none. */
export function takeDue(deadlines: Deadlines, living: Living, now: number): number {
  while (deadlines.at.length > 0) {
    const dead = !living.has(deadlines.id[0]);
    if (!dead && deadlines.at[0] > now) return -1;
    const id = removeFirst(deadlines);
    if (!dead) return id;
  }
  return -1;
}

/** When the first one that lives is due, ns; −1: none does. */
export function nextDeadline(deadlines: Deadlines, living: Living): number {
  while (deadlines.at.length > 0) {
    if (living.has(deadlines.id[0])) return deadlines.at[0];
    removeFirst(deadlines);
  }
  return -1;
}

function removeFirst(deadlines: Deadlines): number {
  const first = deadlines.id[0];
  const at = deadlines.at.pop()!;
  const id = deadlines.id.pop()!;
  const size = deadlines.at.length;
  if (size === 0) return first;
  deadlines.at[0] = at;
  deadlines.id[0] = id;
  for (let index = 0; ;) {
    let child = 2 * index + 1;
    if (child >= size) return first;
    if (child + 1 < size && sooner(deadlines, child + 1, child)) child++;
    if (!sooner(deadlines, child, index)) return first;
    swap(deadlines, index, child);
    index = child;
  }
}

function sooner(deadlines: Deadlines, a: number, b: number): boolean {
  const difference = deadlines.at[a] - deadlines.at[b];
  return difference < 0 || (difference === 0 && deadlines.id[a] < deadlines.id[b]);
}

function swap(deadlines: Deadlines, a: number, b: number): void {
  const { at, id } = deadlines;
  const time = at[a];
  at[a] = at[b];
  at[b] = time;
  const number = id[a];
  id[a] = id[b];
  id[b] = number;
}
