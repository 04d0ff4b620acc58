/** The queue one would write first: a binary heap of objects with a comparator. */
import { compareOrder, type OrderKey } from '@orrery/kernel';

export interface HeapEvent extends OrderKey {
  target: number;
  kind: number;
  payload: unknown;
}

export class ObjectHeap {
  private readonly events: HeapEvent[] = [];

  push(event: HeapEvent): void {
    const { events } = this;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compareOrder(events[parent], event) <= 0) break;
      events[at] = events[parent];
      at = parent;
    }
    events[at] = event;
  }

  pop(): HeapEvent | undefined {
    const { events } = this;
    const top = events[0];
    const last = events.pop();
    if (last === undefined || events.length === 0) return top;
    let at = 0;
    for (let child = 1; child < events.length; child = 2 * at + 1) {
      if (child + 1 < events.length && compareOrder(events[child + 1], events[child]) < 0) child++;
      if (compareOrder(last, events[child]) <= 0) break;
      events[at] = events[child];
      at = child;
    }
    events[at] = last;
    return top;
  }
}
