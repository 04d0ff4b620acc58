/** What tests of the tracer share: a tracer that collects its spans, and facts written short. */
import type { SpanRecord } from '@orrery/actor';
import type { FactKind, FactRef, Facts } from '@orrery/proto';
import type { Span } from './span.ts';
import type { ObservedFact } from './story/fact.ts';
import { createTracer, type Tracer, type TracerOptions } from './tracer.ts';

export const S = 1_000_000_000;
export const MS = 1_000_000;

export function collectingTracer(options: Partial<TracerOptions> = {}): { tracer: Tracer; spans: Span[] } {
  const spans: Span[] = [];
  const tracer = createTracer({
    run: 'test',
    seed: 7,
    share: 0,
    emit: (span) => spans.push(span),
    ...options,
  });
  return { tracer, spans };
}

/** Facts of a made-up run: `tell` reports one and returns its reference. */
export function factTeller(observe: (fact: ObservedFact) => void) {
  const counts = new Map<string, number>();
  const actors = new Map<string, number>();
  return function tell<K extends FactKind>(
    time: number,
    address: string,
    kind: K,
    payload: Facts[K],
    cause: FactRef = { actor: 0, n: 0 },
  ): FactRef {
    const actor = actors.get(address) ?? (actors.size + 1) * 1_048_576;
    actors.set(address, actor);
    const n = (counts.get(address) ?? 0) + 1;
    counts.set(address, n);
    observe({ actor, address, n, time, kind, payload, cause });
    return { actor, n };
  };
}

export interface RequestShape {
  trace: number;
  start: number;
  /** ns. */
  took: number;
  error?: string;
  host?: string;
}

/** Records of one request: client, query on a node, and a read on its pool; children first, as they end. */
export function requestRecords({ trace, start, took, error, host = 'cn-0001' }: RequestShape) {
  const key = trace * 10;
  const part = Math.floor(took / 4);
  const zio: SpanRecord = {
    name: 'read',
    trace,
    key: key + 3,
    parent: key + 2,
    start: start + 2 * part,
    end: start + 3 * part,
  };
  const query: SpanRecord = {
    name: 'query',
    trace,
    key: key + 2,
    parent: key + 1,
    start: start + part,
    end: start + 3 * part,
  };
  const client: SpanRecord = {
    name: 'load',
    trace,
    key: key + 1,
    parent: 0,
    start,
    end: start + took,
    error,
  };
  return [
    { service: 'storage', address: `${host}/pool/zones`, record: zio },
    { service: 'compute-node', address: `${host}/os`, record: query },
    { service: 'compute-node', address: 'client/load', record: client },
  ];
}

export function observeRequest(tracer: Tracer, shape: RequestShape): void {
  for (const { service, address, record } of requestRecords(shape))
    tracer.observeSpan(service, address, record);
}
