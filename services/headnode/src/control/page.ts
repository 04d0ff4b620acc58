/** A page is some thousand facts of the log that lie one after another, each encoded at most once for all who want it. */
import { factNumbers, type Cursor, type FactKind, type FactRecord } from '@orrery/proto';
import { decodeFact, encodeAs } from '@orrery/proto/codec';
import { pass, windowOf } from './cursor.ts';

export interface Page {
  readonly facts: FactRecord[];
  /** The cursor's order of each fact; its boundary follows from the time. */
  readonly orders: number[];
  /** As an element of a FollowedBatch, once somebody wanted it. */
  readonly encoded: (Uint8Array | undefined)[];
}

export const newPage = (): Page => ({ facts: [], orders: [], encoded: [] });

const kindNames = new Map(Object.entries(factNumbers).map(([name, number]) => [number, name as FactKind]));

/** Name of a kind of fact; '' when this release does not know it. */
export function kindOf(fact: FactRecord): FactKind | '' {
  return kindNames.get(fact.kind) ?? '';
}

/** Adds a fact; `cursor` is moved past it. */
export function addToPage(page: Page, fact: FactRecord, cursor: Cursor, controlWindowNs: number): void {
  pass(cursor, fact.time, controlWindowNs);
  page.facts.push(fact);
  page.orders.push(cursor.order);
  page.encoded.push(undefined);
}

/** Index of the first fact after a cursor; the number of facts when there is none in this page. */
export function seek(page: Page, { boundary, order }: Cursor, controlWindowNs: number): number {
  let low = 0;
  let high = page.facts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const window = windowOf((page.facts[middle] as FactRecord).time, controlWindowNs);
    const before = window < boundary || (window === boundary && (page.orders[middle] as number) <= order);
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A fact as protobuf, with the cursor that stands after it. */
export function encodedFact(
  page: Page,
  index: number,
  addressOf: (actor: number) => string,
  controlWindowNs: number,
): Uint8Array {
  const done = page.encoded[index];
  if (done !== undefined) return done;
  const fact = page.facts[index] as FactRecord;
  const caused = fact.cause !== undefined && fact.cause.n > 0;
  const bytes = encodeAs('FollowedBatch', {
    facts: [
      {
        cursor: { boundary: windowOf(fact.time, controlWindowNs), order: page.orders[index] as number },
        time: fact.time,
        actor: addressOf(fact.actor),
        n: fact.n,
        type: kindOf(fact),
        causeActor: caused ? addressOf(fact.cause?.actor ?? 0) : '',
        causeN: caused ? (fact.cause?.n ?? 0) : 0,
        payloadJson: payloadOf(fact),
      },
    ],
  });
  page.encoded[index] = bytes;
  return bytes;
}

function payloadOf(fact: FactRecord): string {
  return kindOf(fact) === '' ? '{}' : JSON.stringify(decodeFact(fact.kind, fact.payload));
}
