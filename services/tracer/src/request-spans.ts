/** Turns the records of one kept request into spans: ids, kinds, attributes by convention, and the ledger. */
import type { LedgerEntry } from '@orrery/proto';
import { hostOf } from './address.ts';
import { type RunIdentity, spanIdOf, traceIdOf } from './ids.ts';
import { ledgerAccounts } from './ledger-names.ts';
import type { HeldRecord, Trace } from './model/assembler.ts';
import { splitTrace } from './model/split.ts';
import { type Attributes, type Span, SpanKind, SPANS_PER_TRACE_MAX } from './span.ts';

/** Writes a ledger as `smartos.ledger.<place>[.<behind>]_ms`; what was behind other zones is one figure. */
export function ledgerAttributes(into: Attributes, ledger: readonly LedgerEntry[]): void {
  for (const [account, ns] of ledgerAccounts(ledger)) into[`smartos.ledger.${account}_ms`] = ns / 1_000_000;
}

function kindOf(held: HeldRecord, parent: HeldRecord | undefined): SpanKind {
  if (held.service === 'client') return SpanKind.CLIENT;
  const remote = parent !== undefined && hostOf(parent.address) !== hostOf(held.address);
  return remote ? SpanKind.SERVER : SpanKind.INTERNAL;
}

/**
 * Parent of a record in its trace: the span that it names; when that was never finished (its node went down with it), the
 * root. A record that came after its trace was told keeps the parent that it names.
 */
function parentOf(trace: Trace, held: HeldRecord, byKey: ReadonlyMap<number, HeldRecord>): number {
  const { parent } = held.record;
  if (parent === 0 || trace.late || byKey.has(parent)) return parent;
  return trace.root === undefined || trace.root === held ? 0 : trace.root.record.key;
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
    const parent = parentOf(trace, held, byKey);
    if (parent !== record.parent) attributes['orrery.parent.lost'] = true;
    if (record.ledger !== undefined) ledgerAttributes(attributes, record.ledger);
    return {
      traceId,
      spanId: spanIdOf(run, 'request', record.key),
      parentSpanId: parent === 0 ? '' : spanIdOf(run, 'request', parent),
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
