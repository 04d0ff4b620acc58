/** Turns the records of one kept request into spans: ids, kinds, attributes by convention, and the ledger. */
import { Behind, type LedgerEntry, Place } from '@orrery/proto';
import { hostOf } from './address.ts';
import { type RunIdentity, spanIdOf, traceIdOf } from './ids.ts';
import type { HeldRecord, Trace } from './model/assembler.ts';
import { splitTrace } from './model/split.ts';
import { type Attributes, type Span, SpanKind, SPANS_PER_TRACE_MAX } from './span.ts';

function namesOf(values: Readonly<Record<string, number>>): readonly string[] {
  const names: string[] = [];
  for (const name of Object.keys(values)) names[values[name]] = name.toLowerCase();
  return names;
}

const placeNames = namesOf(Place);
const behindNames = namesOf(Behind);

/** Writes a ledger as `smartos.ledger.<place>[.<behind>]_ms`; what was behind other zones is one figure. */
export function ledgerAttributes(into: Attributes, ledger: readonly LedgerEntry[]): void {
  const sums = new Map<string, number>();
  for (const { place, behind, ns } of ledger) {
    const account = placeNames[place] + (behind === Behind.ITSELF ? '' : `.${behindNames[behind]}`);
    sums.set(account, (sums.get(account) ?? 0) + ns);
  }
  for (const [account, ns] of sums) into[`smartos.ledger.${account}_ms`] = ns / 1_000_000;
}

function kindOf(held: HeldRecord, parent: HeldRecord | undefined): SpanKind {
  if (held.service === 'client') return SpanKind.CLIENT;
  const remote = parent !== undefined && hostOf(parent.address) !== hostOf(held.address);
  return remote ? SpanKind.SERVER : SpanKind.INTERNAL;
}

/** Ids of a request's trace and of one of its spans. */
export function requestIds(
  run: RunIdentity,
  trace: number,
  key: number,
): { traceId: string; spanId: string } {
  return { traceId: traceIdOf(run, 'request', trace), spanId: spanIdOf(run, 'request', key) };
}

/** Spans of a kept trace, in the order in which their records came. */
export function requestSpans(run: RunIdentity, trace: Trace): Span[] {
  const byKey = new Map<number, HeldRecord>();
  for (const held of trace.records) byKey.set(held.record.key, held);
  const traceId = traceIdOf(run, 'request', trace.trace);
  const spans = trace.records.map((held): Span => {
    const { record, service, address } = held;
    const attributes: Attributes = { ...record.attributes, 'smartos.address': address };
    const host = hostOf(address);
    if (host !== '') attributes['host.name'] = host;
    if (record.ledger !== undefined) ledgerAttributes(attributes, record.ledger);
    return {
      traceId,
      spanId: spanIdOf(run, 'request', record.key),
      parentSpanId: record.parent === 0 ? '' : spanIdOf(run, 'request', record.parent),
      service,
      name: record.name,
      kind: kindOf(held, byKey.get(record.parent)),
      start: record.start,
      end: record.end,
      error: record.error ?? '',
      attributes,
      events: [],
      links: [],
    };
  });
  splitTrace(spans, SPANS_PER_TRACE_MAX, (part) => traceIdOf(run, 'request', `${trace.trace}/${part}`));
  return spans;
}
