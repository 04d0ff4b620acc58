/** A broker as bad as a real one may be: it refuses, forgets ids, dies, and keeps what it has stored. */
import type { BoundaryClosed, FactBatch, ReplicaPointer } from '@orrery/proto';
import { sameWindow, type Outgoing, type OutgoingObject, type Stored } from '../window/index.ts';

/** Ways to build the protocol or its use of the broker wrongly; the checks must see each. */
export type Mutation =
  | 'hear the publish subject'
  | 'index by arrival'
  | 'do not wait for acknowledgements'
  | 'do not poll'
  | 'do not send again'
  | 'no expected sequence'
  | 'no earliestSent'
  | 'no earliestLoose'
  | 'cancelled timers are pending'
  | 'forget request ids'
  | 'purge to the newest pointer'
  | 'pointers move back'
  | 'hand over nothing';

export type Published =
  { kind: 'stored'; sequence: number } | { kind: 'duplicate'; same: boolean } | { kind: 'refused' };

export class ToyBroker {
  up = true;
  windows: Stored[] = [];
  /** Sequence of the oldest message still stored. */
  first = 1;
  boundaries: BoundaryClosed[] = [];
  facts: FactBatch[] = [];
  readonly pointers = new Map<string, ReplicaPointer>();
  readonly objects = new Map<string, Uint8Array>();
  private ids = new Map<string, Outgoing>();
  private boundaryLast = 0;
  private readonly mutation: Mutation | undefined;

  constructor(mutation: Mutation | undefined) {
    this.mutation = mutation;
  }

  get last(): number {
    return this.first + this.windows.length - 1;
  }

  store(item: Outgoing | OutgoingObject): Published {
    if (item.stream === 'objects') {
      this.objects.set(item.id, item.bytes);
      return { kind: 'stored', sequence: 0 };
    }
    const known = this.ids.get(item.id);
    if (known !== undefined) return { kind: 'duplicate', same: sameContent(known, item) };
    if (item.stream === 'facts') {
      this.facts.push(item.content.facts as FactBatch);
      this.ids.set(item.id, item);
      return { kind: 'stored', sequence: 0 };
    }
    const expected = this.mutation === 'no expected sequence' ? undefined : item.expectedLast;
    if (expected !== undefined && expected !== this.boundaryLast) return { kind: 'refused' };
    this.ids.set(item.id, item);
    const sequence = this.last + 1;
    this.windows.push({ content: item.content, sequence });
    if (item.content.boundary !== undefined) {
      this.boundaryLast = sequence;
      this.boundaries.push(item.content.boundary);
    }
    return { kind: 'stored', sequence };
  }

  read(from: number): Stored[] {
    return this.windows.slice(Math.max(0, from - this.first));
  }

  purge(below: number): void {
    if (below <= this.first) return;
    this.windows = this.windows.slice(below - this.first);
    this.first = below;
  }

  /** The window in which ids are known has passed, or did not survive a restart. */
  forgetIds(): void {
    this.ids = new Map();
  }

  movePointer(replica: string, pointer: ReplicaPointer): number {
    const known = this.pointers.get(replica);
    if (known === undefined || known.number < pointer.number || this.mutation === 'pointers move back')
      this.pointers.set(replica, pointer);
    return (this.pointers.get(replica) as ReplicaPointer).number;
  }
}

/** Messages are never changed once said: two tries of one saying are the same object, else they are compared. */
function sameContent({ content: a }: Outgoing, { content: b }: Outgoing): boolean {
  if (a === b) return true;
  if (a.window && b.window) return sameWindow(a.window, b.window);
  return JSON.stringify(a) === JSON.stringify(b);
}
