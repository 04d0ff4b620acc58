/** Gives a span the shape that OpenTelemetry's serialisers read. */
import type { HrTime, SpanContext } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type Attributes, type Span, type SpanService, unixNs } from '../span.ts';

const scope = { name: 'orrery', version: '0.1.0' };
const SECOND_NS = 1_000_000_000n;

function hrTime(unix: bigint): HrTime {
  return [Number(unix / SECOND_NS), Number(unix % SECOND_NS)];
}

function contextOf(traceId: string, spanId: string): SpanContext {
  return { traceId, spanId, traceFlags: 1 };
}

/**
 * @param epochOf the run's start for a trace, ns since 1970
 * @param run attributes of every resource: seed, scenario
 */
export function createReadable(
  epochOf: (traceId: string) => bigint,
  run: Attributes,
): (span: Span) => ReadableSpan {
  const resources = new Map<SpanService, Resource>();
  const resourceOf = (service: SpanService): Resource => {
    let resource = resources.get(service);
    if (resource === undefined) {
      resource = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'orrery', ...run });
      resources.set(service, resource);
    }
    return resource;
  };
  return (span) => {
    const context = contextOf(span.traceId, span.spanId);
    const epochNs = epochOf(span.traceId);
    return {
      name: span.name,
      kind: span.kind,
      spanContext: () => context,
      parentSpanContext: span.parentSpanId === '' ? undefined : contextOf(span.traceId, span.parentSpanId),
      startTime: hrTime(unixNs(epochNs, span.start)),
      endTime: hrTime(unixNs(epochNs, span.end)),
      duration: hrTime(BigInt(span.end - span.start)),
      status: span.error === '' ? { code: 0 } : { code: 2, message: span.error },
      attributes: span.error === '' ? span.attributes : { ...span.attributes, error: true },
      links: span.links.map((link) => ({
        context: contextOf(link.traceId, link.spanId),
        attributes: link.attributes,
      })),
      events: span.events.map(({ name, time, attributes }) => ({
        name,
        time: hrTime(unixNs(epochNs, time)),
        attributes,
      })),
      ended: true,
      resource: resourceOf(span.service),
      instrumentationScope: scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  };
}
