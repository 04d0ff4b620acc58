/** Reads what the tracer is told of a run while it is said; waits when the tracer cannot take more. */
import { setTimeout } from 'node:timers/promises';
import type { OpenBroker } from '@orrery/bus';
import type { Scenario } from '@orrery/spec';
import { traceGatherer, type TraceListener } from '../parts/trace-gather.ts';

/** Wall time between looks for more, ms. */
const LOOK_MS = 20;
/** Wall time between purges of what was read, ms. */
const PURGE_MS = 1000;

/** A tracer in this process. */
export interface RunTracer extends TraceListener {
  /** It wants no more until `drain` has resolved. */
  readonly full: boolean;
  drain(): Promise<void>;
}

export interface GatherRecords {
  reader: OpenBroker;
  scenario: Scenario;
  tracer: RunTracer;
  /** Set once all is said. */
  over: { readonly yes: boolean };
}

/** @throws RangeError when something that was said is missing */
export async function gatherRecords({ reader, scenario, tracer, over }: GatherRecords): Promise<void> {
  const gatherer = traceGatherer(scenario, tracer);
  let purgedMs = performance.now();
  for (let from = 0; ;) {
    const last = over.yes;
    const { batches, next } = await reader.readRecords(from);
    for (const batch of batches) {
      gatherer.add(batch);
      if (tracer.full) await tracer.drain();
    }
    if (next === from && last) break;
    if (performance.now() - purgedMs > PURGE_MS) {
      await reader.purgeRecords(next);
      purgedMs = performance.now();
    }
    if (next === from) await setTimeout(LOOK_MS);
    from = next;
  }
  await reader.close();
  if (gatherer.upTo < scenario.durationNs)
    throw new RangeError(`what was traced ends at ${gatherer.upTo} ns, the run at ${scenario.durationNs} ns`);
}
