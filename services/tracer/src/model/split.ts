/**
 * Split parts a trace that is too large into several, joined by links; it does not drop a span.
 *
 * Rules.     1. Spans are taken in the order of the tree, so that an operation stays with its children.
 *            2. A span whose parent lies in another part becomes a root of its own part, with a link to that parent.
 *            3. No part has more than `max` spans; the first keeps the trace's own id.
 */
import type { Span } from '../span.ts';

/** Parts `spans` of one trace in place. @param partId trace id of part n, from 1 on */
export function splitTrace(spans: Span[], max: number, partId: (part: number) => string): void {
  if (spans.length <= max) return;
  const ids = new Set(spans.map((span) => span.spanId));
  const children = new Map<string, Span[]>();
  for (const span of spans) {
    const parent = ids.has(span.parentSpanId) ? span.parentSpanId : '';
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [span]);
    else list.push(span);
  }
  const traceOf = new Map<string, string>();
  const stack = [...(children.get('') ?? [])].reverse();
  for (let count = 0; stack.length > 0; count++) {
    const span = stack.pop();
    if (span === undefined) break;
    const part = Math.floor(count / max);
    if (part > 0) span.traceId = partId(part);
    traceOf.set(span.spanId, span.traceId);
    const parentTrace = traceOf.get(span.parentSpanId);
    if (parentTrace !== undefined && parentTrace !== span.traceId) {
      span.links.push({
        traceId: parentTrace,
        spanId: span.parentSpanId,
        attributes: { 'orrery.link': 'parent' },
      });
      span.parentSpanId = '';
    }
    const below = children.get(span.spanId);
    if (below !== undefined) for (let i = below.length - 1; i >= 0; i--) stack.push(below[i]);
  }
}
