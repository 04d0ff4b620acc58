/** What the tracer is told of a run in parts, put together again while it goes on: facts and spans, in the order of one process. */
import { spanOf, type HostFact, type SpanRecord } from '@orrery/actor';
import { ANYWHERE, mergeRecords, newRecordMerge, type RecordMerge, type TracedWindow } from '@orrery/bus';
import type { RecordBatch } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import { addressesOf } from '../answers/index.ts';
import { hostFactOf } from '../host-fact.ts';
import { placeAll } from '../services.ts';
import { planShards } from './shards.ts';

/** All that it goes on with: plain data. */
export interface TraceState {
  merge: RecordMerge;
  addresses: Map<number, string>;
  /** Spans that were made and not told for want of room. */
  givenUp: number;
}

export interface TraceListener {
  observeFact(fact: HostFact): void;
  observeSpan(service: string, address: string, record: SpanRecord): void;
}

export interface TraceGatherer {
  /** Takes a batch as it is stored; tells nothing twice. */
  add(batch: RecordBatch): void;
  /** Some of what was said is lost: goes on with the next control window that is whole. */
  skip(): void;
  /** Everything before it is told, ns. */
  readonly upTo: number;
  readonly state: TraceState;
}

/** @param state what another of the same run goes on with */
export function traceGatherer(
  { datacenter }: Pick<Scenario, 'datacenter'>,
  listener: TraceListener,
  state: TraceState = {
    merge: newRecordMerge(planShards(placeAll(datacenter)).services.length),
    addresses: addressesOf(datacenter),
    givenUp: 0,
  },
): TraceGatherer {
  let told = Math.max(0, state.merge.next);
  const tell = ({ items, givenUp, upTo }: TracedWindow): void => {
    for (const item of items) {
      if ('fact' in item) listener.observeFact(hostFactOf(item.fact, state.addresses));
      else {
        const { service, address, record } = spanOf(item.span, item.from, item.texts);
        listener.observeSpan(service, address, record);
      }
    }
    state.givenUp += givenUp;
    told = upTo;
  };
  return {
    add: (batch) => {
      for (const window of mergeRecords(state.merge, batch)) tell(window);
    },
    skip: () => {
      state.merge.next = ANYWHERE;
    },
    get upTo() {
      return told;
    },
    state,
  };
}
